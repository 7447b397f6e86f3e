namespace SqueezeBert.Training;

/// <summary>
/// The parts of a model that are not trained. They need no gradients and no optimizer state. Training steps are faster, because the
/// backward pass stops at these parts.
/// </summary>
public sealed record FrozenParts
{
    /// <summary>
    /// Whether the word, position and token type embeddings are frozen (default false). They are always frozen if <see cref="Layers"/> is
    /// above 0.
    /// </summary>
    public bool Embeddings { get; init; }

    /// <summary>The number of frozen encoder layers, counted from the embeddings (default 0).</summary>
    public int Layers { get; init; }

    /// <summary>Whether the whole encoder is frozen (default false). Only the layers after it (pooler and head) are then trained.</summary>
    public bool Encoder { get; init; }
}
