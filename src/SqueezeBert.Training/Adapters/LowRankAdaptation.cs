namespace SqueezeBert.Training;

/// <summary>
/// Low-rank adaptation (Hu et al., arXiv 2106.09685): the encoder stays as it is, and beside some of its matrices a product of two narrow
/// ones is learnt, W + α/r B A. Trained are those and what stands behind the encoder (pooler, head). Where a matrix has groups, each group
/// has a product of its own. The saved model has them added to its matrices and is like any other.
/// </summary>
public sealed record LowRankAdaptation
{
    /// <summary>r: columns of B and rows of A, from 1.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>α, above 0.</summary>
    public double Alpha { get; init; } = 16;

    /// <summary>
    /// Which linear layers of the encoder, by one or more parts of their name that follow each other ("query", "attention.output"); null:
    /// queries and values.
    /// </summary>
    public IReadOnlyList<string>? Projections { get; init; }
}
