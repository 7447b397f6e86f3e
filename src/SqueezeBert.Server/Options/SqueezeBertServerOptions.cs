namespace SqueezeBert.Server;

/// <summary>
/// What a server takes from its clients. Every limit is named in the error that it causes. How models compute and read texts is said by
/// <see cref="Extensions.SqueezeBertOptions"/>.
/// </summary>
public sealed class SqueezeBertServerOptions
{
    /// <summary>
    /// Keys that clients may send as <c>Authorization: Bearer KEY</c>; several, so that one can be replaced without an interruption. Empty:
    /// everybody may ask, which is for a machine of one's own.
    /// </summary>
    public IReadOnlyList<string> ApiKeys { get; set; } = [];

    /// <summary>Whether health can be asked for without a key, as orchestrators do.</summary>
    public bool IsHealthPublic { get; set; } = true;

    /// <summary>Whether metrics can be asked for without a key.</summary>
    public bool AreMetricsPublic { get; set; }

    /// <summary>
    /// The port for health and metrics; they are not found on others, and nothing else is found on it. Null: with all other routes. The
    /// host must listen on it.
    /// </summary>
    public int? ManagementPort { get; set; }

    /// <summary>Whether there is a page at "/" to try the models on.</summary>
    public bool HasPage { get; set; } = true;

    /// <summary>Bytes of a request's body at most, as they are sent. A stream of lines has this limit for each of its lines.</summary>
    public int MaxBodyBytes { get; set; } = 2 << 20;

    /// <summary>Bytes of a compressed body at most, once it is unpacked.</summary>
    public int MaxDecompressedBytes { get; set; } = 8 << 20;

    /// <summary>How deep arrays and objects of a body may be inside each other.</summary>
    public int MaxJsonDepth { get; set; } = 16;

    /// <summary>Texts of a request at most; of a stream of lines, as many as are computed at a time.</summary>
    public int MaxTexts { get; set; } = 32;

    /// <summary>UTF-16 units of a text at most. A longer one is refused; what a model reads of one is said by the request.</summary>
    public int MaxCharacters { get; set; } = 1 << 20;

    /// <summary>Labels, choices or targets of a request at most.</summary>
    public int MaxLabels { get; set; } = 256;

    /// <summary>Requests that may be answered at a time, those that wait in a queue included.</summary>
    public int MaxConcurrentRequests { get; set; } = 512;

    /// <summary>
    /// Tokens, estimated from the length of the texts, of all requests that a model has still to answer. One request always finds room in
    /// an idle model.
    /// </summary>
    public int MaxQueuedTokens { get; set; } = 1 << 17;

    /// <summary>
    /// Parts of the machine that models get while several of them have work, by their names: a model with 3 computes three times as much
    /// as one with 1, which is what a model has that is not named. More than 0, and at most 1000.
    /// </summary>
    public IReadOnlyDictionary<string, double> Shares { get; set; } = new Dictionary<string, double>();

    /// <summary>
    /// How long a request may have to wait in a model's queue, estimated from how fast the model was lately: one that would wait longer is
    /// refused at once.
    /// </summary>
    public TimeSpan MaxQueueTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a client may take to send its body, or the next line of a stream.</summary>
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the computation of an answer may take, waiting included; of a stream, each line's.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long the server goes on answering, while it says that it is not ready, before it stops: as long as a load balancer takes to
    /// notice.
    /// </summary>
    public TimeSpan ShutdownDelay { get; set; }

    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    internal void Validate()
    {
        Positive(MaxBodyBytes, nameof(MaxBodyBytes));
        Positive(MaxDecompressedBytes, nameof(MaxDecompressedBytes));
        Positive(MaxTexts, nameof(MaxTexts));
        Positive(MaxCharacters, nameof(MaxCharacters));
        Positive(MaxLabels, nameof(MaxLabels));
        Positive(MaxConcurrentRequests, nameof(MaxConcurrentRequests));
        Positive(MaxQueuedTokens, nameof(MaxQueuedTokens));
        if (MaxJsonDepth is < 4 or > 64)
            throw new ArgumentOutOfRangeException(nameof(MaxJsonDepth), MaxJsonDepth, "MaxJsonDepth must be 4 to 64");
        if (ManagementPort is < 1 or > 65_535)
            throw new ArgumentOutOfRangeException(nameof(ManagementPort), ManagementPort, "ManagementPort must be 1 to 65535");
        Positive(MaxQueueTime, nameof(MaxQueueTime));
        Positive(BodyTimeout, nameof(BodyTimeout));
        Positive(RequestTimeout, nameof(RequestTimeout));
        if (ShutdownDelay < TimeSpan.Zero || ShutdownDelay > TimeSpan.FromHours(1))
            throw new ArgumentOutOfRangeException(nameof(ShutdownDelay), ShutdownDelay, "ShutdownDelay must be zero to an hour");
        foreach (var (name, share) in Shares)
        {
            if (!(share is > 0 and <= 1000))
                throw new ArgumentOutOfRangeException(nameof(Shares), share, $"the share of '{name}' must be more than 0 and at most 1000");
        }

        foreach (var key in ApiKeys)
        {
            // What a header cannot hold no client could send.
            if (key.Length == 0 || key.Any(c => c is <= ' ' or >= '\u007F'))
                throw new ArgumentException("an API key is empty or has other characters than visible ASCII", nameof(ApiKeys));
        }
    }

    private static void Positive(int value, string name) => ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);

    private static void Positive(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(1))
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be more than zero and at most a day");
    }
}
