namespace SqueezeBert;

/// <summary>How a <see cref="VectorIndexWriter"/> stores vectors.</summary>
public sealed record VectorIndexWriterOptions
{
    /// <summary>How the vectors are stored that every search reads.</summary>
    public VectorPrecision Precision { get; init; } = VectorPrecision.Int8;

    /// <summary>What bits have beside them; null: int8. Other precisions have nothing.</summary>
    public VectorRescoring? Rescoring { get; init; }

    /// <summary>
    /// What the vectors were made with, 32 hexadecimal digits: <see cref="TextEmbedder.Fingerprint"/>. Null: it is not said, and
    /// <see cref="VectorIndex.RequireModel"/> takes any.
    /// </summary>
    public string? Fingerprint { get; init; }
}
