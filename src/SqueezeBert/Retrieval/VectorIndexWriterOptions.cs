namespace SqueezeBert;

/// <summary>How a <see cref="VectorIndexWriter"/> stores vectors.</summary>
public sealed record VectorIndexWriterOptions
{
    /// <summary>The number format of the vectors that every search reads (default <see cref="VectorPrecision.Int8"/>).</summary>
    public VectorPrecision Precision { get; init; } = VectorPrecision.Int8;

    /// <summary>
    /// The number format that candidates are rescored with, for <see cref="VectorPrecision.Bits"/> only. Null means
    /// <see cref="VectorRescoring.Int8"/> for bits, and no rescoring for other precisions.
    /// </summary>
    public VectorRescoring? Rescoring { get; init; }

    /// <summary>
    /// The fingerprint of the embedder that makes the vectors (<see cref="TextEmbedder.Fingerprint"/>), as 32 hexadecimal digits in lower
    /// case. With null, <see cref="VectorIndex.RequireModel"/> accepts any embedder with the right number of components.
    /// </summary>
    public string? Fingerprint { get; init; }
}
