using System.Net;

namespace SqueezeBert.Hub;

/// <summary>
/// A model could not be fetched: no network, no such model, no right to it, or an answer that does not hold what it promises. The message
/// says what to do.
/// </summary>
public sealed class HubException : SqueezeBertException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What went wrong and the remedy.</param>
    /// <param name="statusCode">The server's answer, if that is what went wrong.</param>
    /// <param name="inner">The exception behind this one.</param>
    public HubException(string message, HttpStatusCode? statusCode = null, Exception? inner = null)
        : base(KindOf(statusCode), message, inner) => StatusCode = statusCode;

    /// <summary>The server's answer, if that is what went wrong.</summary>
    public HttpStatusCode? StatusCode { get; }

    private static ErrorKind KindOf(HttpStatusCode? statusCode) => statusCode switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ErrorKind.Denied,
        HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => ErrorKind.Busy,
        _ => ErrorKind.Missing,
    };
}
