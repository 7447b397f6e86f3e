namespace SqueezeBert.Inference;

/// <summary>
/// The sizes from which threads share a section, and from which they share columns instead of rows. Results have the same bits in all
/// cases.
/// </summary>
internal sealed record SharingLimits
{
    /// <summary>
    /// The number of multiply-adds of a section from which more than one thread works on it. It takes one thread tens of microseconds,
    /// about as long as waking another thread.
    /// </summary>
    public long MinimumWork { get; init; } = 4_000_000;

    /// <summary>
    /// The number of weights of a segment (one megabyte) that stay in the cache of a core from one block of rows to the next. Up to this
    /// limit, few rows are shared like many rows.
    /// </summary>
    public long CachedWeights { get; init; } = 1 << 18;
}
