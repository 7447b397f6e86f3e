namespace SqueezeBert.Checkpoints;

/// <summary>The number format of the embedding tables in a quantized model.</summary>
public enum TablePrecision
{
    /// <summary>The tables are stored in float32.</summary>
    Float32,

    /// <summary>All tables are stored in 8 bits, with one scale per row.</summary>
    Int8,

    /// <summary>
    /// The word embeddings are stored in 4 bits, with one scale per row. The small tables (positions and token types) are stored in 8 bits.
    /// </summary>
    Int4,
}
