namespace SqueezeBert.Training;

/// <summary>
/// Low-rank adaptation (LoRA; Hu et al., arXiv 2106.09685). The weights W of the encoder are kept, and a product of two narrow matrices is
/// trained in addition to some of them: W + α/r B A. These products are trained together with the layers after the encoder (pooler and
/// head). In a layer with groups, each group has its own product. When the model is saved, the products are added to the weights, so that
/// the checkpoint is like any other.
/// </summary>
public sealed record LowRankAdaptation
{
    /// <summary>The rank r: the number of columns of B and of rows of A, 1 or more (default 8).</summary>
    public int Rank { get; init; } = 8;

    /// <summary>The factor α, above 0 (default 16).</summary>
    public double Alpha { get; init; } = 16;

    /// <summary>
    /// The linear layers of the encoder that are adapted, each given by one or more consecutive parts of its name ("query",
    /// "attention.output"). Null adapts the projections to queries and values.
    /// </summary>
    public IReadOnlyList<string>? Projections { get; init; }
}
