namespace SqueezeBert.Checkpoints;

/// <summary>A model is intact, but its architecture is not supported or it does not fit the task.</summary>
public sealed class UnsupportedModelException : SqueezeBertException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What the model is, what was needed and, if possible, how to fix it.</param>
    /// <param name="inner">The exception that caused this one, or null.</param>
    public UnsupportedModelException(string message, Exception? inner = null)
        : base(ErrorKind.Unsupported, message, inner)
    {
    }
}
