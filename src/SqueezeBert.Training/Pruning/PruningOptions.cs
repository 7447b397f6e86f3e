namespace SqueezeBert.Training;

/// <summary>
/// What is taken out of a model before a stage trains it: whole layers, attention heads, channels of feed-forward networks, those that the
/// loss depends on least. The rest keeps its weights, and the result is a checkpoint like any other.
/// </summary>
/// <remarks>
/// Importance is the mean over examples of how much the loss would change, to the first order, if a part's output were zero, as in Michel
/// et al. 2019 (arXiv 1905.10650) and Molchanov et al. 2019 (arXiv 1906.10771); of a layer, if its output were its input.
/// </remarks>
public sealed record PruningOptions
{
    /// <summary>Layers that stay; null: all.</summary>
    public int? Layers { get; init; }

    /// <summary>
    /// Heads that each layer keeps; null: all. For BERT, DistilBERT and ELECTRA: config.json of the others has no field for it.
    /// </summary>
    public int? Heads { get; init; }

    /// <summary>
    /// Channels that each feed-forward network keeps, each group of its projections as many as the next; null: all. Multiples of 16 for
    /// each group suit the processor.
    /// </summary>
    public int? IntermediateSize { get; init; }

    /// <summary>Examples of the training data that importance is measured on, at least 1.</summary>
    public int Examples { get; init; } = 512;
}
