namespace SqueezeBert;

/// <summary>What kind of trouble a <see cref="SqueezeBertException"/> tells of: what a program can decide by.</summary>
public enum ErrorKind
{
    /// <summary>Something that was asked for is not there: a file, a model, a tensor.</summary>
    Missing,

    /// <summary>It is there, but may not be used: no permission, a token that is wrong.</summary>
    Denied,

    /// <summary>It is there, but broken or contradictory.</summary>
    Damaged,

    /// <summary>It is whole, but of a kind that this library does not know, or not the kind that was asked for.</summary>
    Unsupported,

    /// <summary>There is too much to do now; later it may work.</summary>
    Busy,
}

/// <summary>
/// The base of everything that this library throws by itself. Wrong arguments, cancellation and use after disposal are .NET's own
/// exceptions.
/// </summary>
public abstract class SqueezeBertException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="kind">What kind of trouble it is.</param>
    /// <param name="message">What went wrong and the remedy.</param>
    /// <param name="inner">The exception behind this one.</param>
    protected SqueezeBertException(ErrorKind kind, string message, Exception? inner = null)
        : base(message, inner)
    {
        Kind = kind;
    }

    /// <summary>What kind of trouble it is.</summary>
    public ErrorKind Kind { get; }
}
