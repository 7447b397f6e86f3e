namespace SqueezeBert.Training;

/// <summary>
/// Parts of a model that keep their weights: they take no gradients and no memory of the optimizer, and a step is faster, because the
/// backward pass ends above them.
/// </summary>
public sealed record FrozenParts
{
    /// <summary>Whether the tables of words, positions and token types stay; with <see cref="Layers"/> they do.</summary>
    public bool Embeddings { get; init; }

    /// <summary>So many layers stay, counted from the embeddings; 0: none.</summary>
    public int Layers { get; init; }

    /// <summary>Whether the whole encoder stays: only what stands behind it (pooler, head) is trained.</summary>
    public bool Encoder { get; init; }
}
