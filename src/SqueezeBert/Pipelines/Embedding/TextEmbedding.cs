namespace SqueezeBert;

/// <summary>The vector of a text.</summary>
public sealed class TextEmbedding
{
    /// <summary>The components of the vector, in an array that belongs to this result.</summary>
    public required ReadOnlyMemory<float> Vector { get; init; }

    /// <summary>How much of the text was read. The tokens of a prompt count, and its characters do not.</summary>
    public required ReadInfo Read { get; init; }

    /// <summary>Returns the cosine similarity to the vector of another text, -1 to 1.</summary>
    /// <param name="other">The other text's vector.</param>
    /// <exception cref="ArgumentException">The vectors have different lengths.</exception>
    public float Similarity(TextEmbedding other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return VectorSimilarity.Cosine(Vector.Span, other.Vector.Span);
    }
}
