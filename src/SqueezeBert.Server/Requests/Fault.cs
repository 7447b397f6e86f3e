namespace SqueezeBert.Server.Requests;

/// <summary>Why a request, or one item of it, has no answer.</summary>
internal enum Fault
{
    /// <summary>The body is no JSON.</summary>
    Malformed,

    /// <summary>There is nothing to answer.</summary>
    Empty,

    /// <summary>No key, or a wrong one.</summary>
    Unauthorized,

    /// <summary>No such model, or the model is for another task.</summary>
    NotFound,

    /// <summary>The body did not come in time.</summary>
    Slow,

    /// <summary>The client has the answer already.</summary>
    Known,

    /// <summary>More bytes, texts or characters than are taken.</summary>
    TooLarge,

    /// <summary>The body is of another kind.</summary>
    MediaType,

    /// <summary>A value is of another type, or out of range.</summary>
    Invalid,

    /// <summary>The model cannot do this, by its kind.</summary>
    Unsupported,

    /// <summary>The computation failed.</summary>
    Failed,

    /// <summary>Too much to do; later it may work.</summary>
    Overloaded,

    /// <summary>The server starts, stops, or took too long.</summary>
    Unavailable,
}

/// <summary>A request, or one item of it, that has no answer.</summary>
/// <param name="fault">Why.</param>
/// <param name="message">For the client: what is wrong and the remedy. It has nothing of the machine, and no text but the client's.</param>
internal sealed class RequestException(Fault fault, string message) : Exception(message)
{
    public Fault Fault => fault;

    /// <summary>Seconds after which it may be tried again; null where trying again does not help.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The field that is wrong ("inputs[3]"); null where it is none.</summary>
    public string? Field { get; init; }
}
