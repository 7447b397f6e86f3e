namespace SqueezeBert.Inference;

/// <summary>
/// From which size on threads share a section, and when they share columns instead of rows. Results have the same bits either way.
/// </summary>
internal sealed record SharingLimits
{
    /// <summary>
    /// Multiply-adds of a section from which more than one thread works on it: tens of microseconds of one thread, about what it takes to
    /// wake another.
    /// </summary>
    public long MinimumWork { get; init; } = 4_000_000;

    /// <summary>
    /// Weights of a segment, a megabyte, that stay in a core's own cache from one block of rows to the next: up to this, few rows are
    /// shared as many are.
    /// </summary>
    public long CachedWeights { get; init; } = 1 << 18;
}
