namespace SqueezeBert.Training;

/// <summary>
/// What is removed from a model before a stage trains it: layers, attention heads and channels of feed-forward networks. The parts that
/// matter least for the loss are removed. The remaining parts keep their weights, and the result is a normal checkpoint.
/// </summary>
/// <remarks>
/// The importance of a part is how much the loss would change, to first order, if the output of the part were zero. It is the mean over
/// examples, as in Michel et al. 2019 (arXiv 1905.10650) and Molchanov et al. 2019 (arXiv 1906.10771). For a layer, it is the change if its
/// output were its input.
/// </remarks>
public sealed record PruningOptions
{
    /// <summary>The number of layers that are kept, 1 or more. Null keeps all.</summary>
    public int? Layers { get; init; }

    /// <summary>
    /// The number of attention heads that each layer keeps, 1 or more. Null keeps all. It is supported for BERT, DistilBERT and ELECTRA,
    /// because config.json of other architectures has no field for it.
    /// </summary>
    public int? Heads { get; init; }

    /// <summary>
    /// The number of channels that each feed-forward network keeps. It must be a multiple of the number of groups, and each group keeps the
    /// same number. Null keeps all. Multiples of 16 per group are efficient.
    /// </summary>
    public int? IntermediateSize { get; init; }

    /// <summary>The number of training examples that the importance is measured on, 1 or more (default 512).</summary>
    public int Examples { get; init; } = 512;
}
