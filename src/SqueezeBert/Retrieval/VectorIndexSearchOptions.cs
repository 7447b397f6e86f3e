namespace SqueezeBert;

/// <summary>How a <see cref="VectorIndex"/> is searched.</summary>
public sealed record VectorIndexSearchOptions
{
    /// <summary>Threads at most; null: one per core. Results do not depend on it.</summary>
    public int? Threads { get; init; }

    /// <summary>
    /// How many vectors bits choose to be put in order by a more exact form; null: sixteen times as many as are wanted, and at least 200.
    /// More cost little time and miss less. Indexes without rescoring take no notice.
    /// </summary>
    public int? Candidates { get; init; }
}
