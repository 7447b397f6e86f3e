namespace SqueezeBert.Checkpoints;

/// <summary>A model is whole, but of an architecture that is not known, or not of the kind that a task needs.</summary>
public sealed class UnsupportedModelException : SqueezeBertException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What the model is, what was needed, and the remedy where there is one.</param>
    /// <param name="inner">The exception behind this one.</param>
    public UnsupportedModelException(string message, Exception? inner = null)
        : base(ErrorKind.Unsupported, message, inner)
    {
    }
}
