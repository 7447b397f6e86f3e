namespace SqueezeBert;

/// <summary>The kind of problem that a <see cref="SqueezeBertException"/> reports, for programs that react to it.</summary>
public enum ErrorKind
{
    /// <summary>Something that was asked for does not exist: a file, a model or a tensor.</summary>
    Missing,

    /// <summary>It exists but may not be used, for example because of a missing permission or a wrong token.</summary>
    Denied,

    /// <summary>It exists but is damaged or contradicts itself.</summary>
    Damaged,

    /// <summary>It is intact, but of a kind that this library does not support or that the caller did not ask for.</summary>
    Unsupported,

    /// <summary>There is too much work at the moment. A later attempt may succeed.</summary>
    Busy,
}

/// <summary>
/// The base class of all exceptions that this library defines. Wrong arguments, cancellation and use after disposal are reported by the
/// exceptions of .NET.
/// </summary>
public abstract class SqueezeBertException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="kind">The kind of the problem.</param>
    /// <param name="message">What went wrong and how to fix it.</param>
    /// <param name="inner">The exception that caused this one, or null.</param>
    protected SqueezeBertException(ErrorKind kind, string message, Exception? inner = null)
        : base(message, inner)
    {
        Kind = kind;
    }

    /// <summary>The kind of the problem.</summary>
    public ErrorKind Kind { get; }
}
