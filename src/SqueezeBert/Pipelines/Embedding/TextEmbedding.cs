namespace SqueezeBert;

/// <summary>A text as a vector.</summary>
public sealed class TextEmbedding
{
    /// <summary>The vector; its own array.</summary>
    public required ReadOnlyMemory<float> Vector { get; init; }

    /// <summary>What was read of the text; tokens of a prompt count, its characters do not.</summary>
    public required ReadInfo Read { get; init; }

    /// <summary>Cosine of the angle to another text's vector, -1..1.</summary>
    /// <exception cref="ArgumentException">The vectors differ in length.</exception>
    public float Similarity(TextEmbedding other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return VectorSimilarity.Cosine(Vector.Span, other.Vector.Span);
    }
}
