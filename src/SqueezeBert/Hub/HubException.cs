using System.Net;

namespace SqueezeBert.Hub;

/// <summary>
/// A model could not be downloaded: there is no network, the model does not exist, access is denied, or the server sent wrong content. The
/// message says what to do.
/// </summary>
public sealed class HubException : SqueezeBertException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What went wrong and how to fix it.</param>
    /// <param name="statusCode">The HTTP status code, if the server's response is the problem.</param>
    /// <param name="inner">The exception that caused this one, or null.</param>
    public HubException(string message, HttpStatusCode? statusCode = null, Exception? inner = null)
        : base(KindOf(statusCode), message, inner) => StatusCode = statusCode;

    /// <summary>The HTTP status code, if the server's response is the problem. Otherwise null.</summary>
    public HttpStatusCode? StatusCode { get; }

    private static ErrorKind KindOf(HttpStatusCode? statusCode) => statusCode switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ErrorKind.Denied,
        HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => ErrorKind.Busy,
        _ => ErrorKind.Missing,
    };
}
