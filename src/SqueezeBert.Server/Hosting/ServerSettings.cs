namespace SqueezeBert.Server.Hosting;

/// <summary>What `squeezebert serve` was asked for. It has no type of ASP.NET Core, which the tool does not know.</summary>
internal sealed record ServerSettings
{
    /// <summary>Models by their names, in the order in which they were named.</summary>
    public required IReadOnlyList<(string Name, string Path)> Models { get; init; }

    /// <summary>Addresses to listen on, separated by ';'.</summary>
    public required string Urls { get; init; }

    /// <summary>Where health and metrics are; null: with everything else.</summary>
    public int? ManagementPort { get; init; }

    /// <summary>Keys that clients need; none: everybody may ask.</summary>
    public IReadOnlyList<string> ApiKeys { get; init; } = [];

    /// <summary>Parts of the machine, by the names of models.</summary>
    public IReadOnlyDictionary<string, double> Shares { get; init; } = new Dictionary<string, double>();

    /// <summary>Tokens that may wait for a model.</summary>
    public int? QueueTokens { get; init; }

    /// <summary>Tokens that are computed together.</summary>
    public int? BatchTokens { get; init; }

    /// <summary>Texts of a request.</summary>
    public int? MaxTexts { get; init; }

    /// <summary>Tokens of a text.</summary>
    public int? MaxLength { get; init; }

    /// <summary>What to do with a longer one.</summary>
    public LongText? LongText { get; init; }

    /// <summary>Threads to compute with.</summary>
    public int? Threads { get; init; }

    /// <summary>Whether folders are watched, and their models loaded again.</summary>
    public bool ReloadsOnChange { get; init; }

    /// <summary>How long it goes on answering when it shall stop.</summary>
    public TimeSpan ShutdownDelay { get; init; }
}
