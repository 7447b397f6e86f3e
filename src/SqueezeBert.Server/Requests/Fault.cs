namespace SqueezeBert.Server.Requests;

/// <summary>The reason why a request, or one of its items, cannot be answered.</summary>
internal enum Fault
{
    /// <summary>The body is no JSON.</summary>
    Malformed,

    /// <summary>The request contains nothing to answer.</summary>
    Empty,

    /// <summary>The key is missing or wrong.</summary>
    Unauthorized,

    /// <summary>The model does not exist, or it has another task.</summary>
    NotFound,

    /// <summary>The body did not arrive in time.</summary>
    Slow,

    /// <summary>The client already has the answer.</summary>
    Known,

    /// <summary>The request has too many bytes, texts or characters.</summary>
    TooLarge,

    /// <summary>The body has another media type.</summary>
    MediaType,

    /// <summary>A value has the wrong type, or it is out of range.</summary>
    Invalid,

    /// <summary>The model does not support the request.</summary>
    Unsupported,

    /// <summary>The computation failed.</summary>
    Failed,

    /// <summary>There is too much work. A later attempt may succeed.</summary>
    Overloaded,

    /// <summary>The server is starting or stopping, or the computation took too long.</summary>
    Unavailable,
}

/// <summary>A request, or one of its items, cannot be answered.</summary>
/// <param name="fault">The reason.</param>
/// <param name="message">
/// The message for the client: what is wrong and how to fix it. It contains no information about the machine, and no text except the
/// client's own.
/// </param>
internal sealed class RequestException(Fault fault, string message) : Exception(message)
{
    public Fault Fault => fault;

    /// <summary>The time in seconds after which the client may try again. Null if trying again does not help.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The field that is wrong ("inputs[3]"), or null.</summary>
    public string? Field { get; init; }
}
