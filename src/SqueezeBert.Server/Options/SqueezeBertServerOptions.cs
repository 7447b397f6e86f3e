namespace SqueezeBert.Server;

/// <summary>
/// The limits of a server for its clients. Each error that a limit causes names the limit. <see cref="Extensions.SqueezeBertOptions"/>
/// controls how models compute and read texts.
/// </summary>
public sealed class SqueezeBertServerOptions
{
    /// <summary>
    /// The API keys, one of which clients must send as <c>Authorization: Bearer KEY</c>. With several keys, one can be replaced without an
    /// interruption. A key consists of visible ASCII characters. Without keys (the default), everybody can use the server, which is
    /// suitable only for your own machine.
    /// </summary>
    public IReadOnlyList<string> ApiKeys { get; set; } = [];

    /// <summary>Whether health can be requested without a key (default true), as orchestrators do.</summary>
    public bool IsHealthPublic { get; set; } = true;

    /// <summary>Whether metrics can be requested without a key (default false).</summary>
    public bool AreMetricsPublic { get; set; }

    /// <summary>
    /// The port of health and metrics, 1 to 65,535. They are then not available on other ports, and nothing else is available on this one.
    /// The host must listen on it. Null uses the same ports for all routes.
    /// </summary>
    public int? ManagementPort { get; set; }

    /// <summary>
    /// Whether there are pages: one at "/" for trying out the models, and one at "/docs" that describes the routes (default true).
    /// </summary>
    public bool HasPage { get; set; } = true;

    /// <summary>
    /// The largest size of a request body in bytes, as it is sent; 1 or more (default 2 MiB). For a stream of lines, it is the largest size
    /// of each line.
    /// </summary>
    public int MaxBodyBytes { get; set; } = 2 << 20;

    /// <summary>The largest size of a compressed request body in bytes after decompression, 1 or more (default 8 MiB).</summary>
    public int MaxDecompressedBytes { get; set; } = 8 << 20;

    /// <summary>The largest nesting depth of arrays and objects in a request body, 4 to 64 (default 16).</summary>
    public int MaxJsonDepth { get; set; } = 16;

    /// <summary>
    /// The largest number of texts in a request, 1 or more (default 32). For a stream of lines, it is the number of lines that are computed
    /// at a time.
    /// </summary>
    public int MaxTexts { get; set; } = 32;

    /// <summary>
    /// The largest number of texts in a request for OpenAI's embeddings, 1 or more (default 2,048, as there). Its clients send large lists
    /// without being told to.
    /// </summary>
    public int MaxEmbeddingTexts { get; set; } = 2048;

    /// <summary>
    /// The largest number of UTF-16 code units of a text, 1 or more (default 1,048,576). A longer text is refused. The request determines
    /// how much of a text the model reads.
    /// </summary>
    public int MaxCharacters { get; set; } = 1 << 20;

    /// <summary>The largest number of labels, choices or targets in a request, 1 or more (default 256).</summary>
    public int MaxLabels { get; set; } = 256;

    /// <summary>
    /// The largest number of hidden states (tokens times width) or scores of masks (masks times tokens for each) in an answer, 1 or more
    /// (default 16,777,216). For a stream of lines, it applies to each line.
    /// </summary>
    public int MaxNumbers { get; set; } = 1 << 24;

    /// <summary>
    /// The largest number of requests that are answered at the same time, including those that wait in a queue; 1 or more (default 512).
    /// </summary>
    public int MaxConcurrentRequests { get; set; } = 512;

    /// <summary>
    /// The largest number of tokens of all requests that a model has not answered yet, 1 or more (default 131,072). The tokens are
    /// estimated from the length of the texts. An idle model always accepts one request.
    /// </summary>
    public int MaxQueuedTokens { get; set; } = 1 << 17;

    /// <summary>
    /// The relative shares of the machine that models get while several of them have work, by the name of the model; each above 0 and at
    /// most 1,000. A model with share 3 computes three times as much as a model with share 1. A model that is not named has share 1.
    /// </summary>
    public IReadOnlyDictionary<string, double> Shares { get; set; } = new Dictionary<string, double>();

    /// <summary>
    /// The longest time that a request may wait in the queue of a model, above zero and at most a day (default 10 seconds). The waiting
    /// time is estimated from the recent speed of the model. A request that would wait longer is refused at once.
    /// </summary>
    public TimeSpan MaxQueueTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The longest time that a client may take to send its request body, or each line of a stream; above zero and at most a day
    /// (default 30 seconds).
    /// </summary>
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The longest time to compute a response, including waiting; above zero and at most a day (default 60 seconds). For a stream, it
    /// applies to each line.
    /// </summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The time that the server continues to answer before it stops, while it reports that it is not ready; zero to an hour (default zero).
    /// Set it to the time that a load balancer needs to notice.
    /// </summary>
    public TimeSpan ShutdownDelay { get; set; }

    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    internal void Validate()
    {
        Positive(MaxBodyBytes, nameof(MaxBodyBytes));
        Positive(MaxDecompressedBytes, nameof(MaxDecompressedBytes));
        Positive(MaxTexts, nameof(MaxTexts));
        Positive(MaxEmbeddingTexts, nameof(MaxEmbeddingTexts));
        Positive(MaxCharacters, nameof(MaxCharacters));
        Positive(MaxLabels, nameof(MaxLabels));
        Positive(MaxNumbers, nameof(MaxNumbers));
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
