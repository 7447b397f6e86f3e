namespace SqueezeBert;

/// <summary>How a <see cref="VectorIndex"/> is searched.</summary>
public sealed record VectorIndexSearchOptions
{
    /// <summary>The largest number of threads, 1 or more. Null means one per core. The results do not depend on it.</summary>
    public int? Threads { get; init; }

    /// <summary>
    /// The number of candidates that are chosen by their bits and then sorted by a more exact form; 1 or more. Null means sixteen times the
    /// number of wanted vectors, and at least 200. More candidates cost little time and miss fewer vectors. An index without rescoring
    /// ignores this option.
    /// </summary>
    public int? Candidates { get; init; }
}
