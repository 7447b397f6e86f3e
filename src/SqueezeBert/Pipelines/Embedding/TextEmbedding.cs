using SqueezeBert.Pipelines.LongTexts;

namespace SqueezeBert;

/// <summary>A text as a vector.</summary>
public sealed class TextEmbedding
{
    internal TextEmbedding(float[] vector, in ReadText read)
    {
        Vector = vector;
        IsTruncated = read.IsTruncated;
        TokenCount = read.TokenCount;
        WindowCount = read.WindowCount;
    }

    /// <summary>The vector; its own array.</summary>
    public ReadOnlyMemory<float> Vector { get; }

    /// <summary>Whether the end of the text was cut off because it has more tokens than the embedder reads.</summary>
    public bool IsTruncated { get; }

    /// <summary>Tokens that the embedder read, special tokens and a prompt's included.</summary>
    public int TokenCount { get; }

    /// <summary>Windows that the text was read in.</summary>
    public int WindowCount { get; }

    /// <summary>Cosine of the angle to another text's vector, -1..1.</summary>
    /// <exception cref="ArgumentException">The vectors differ in length.</exception>
    public float Similarity(TextEmbedding other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return VectorSimilarity.Cosine(Vector.Span, other.Vector.Span);
    }
}
