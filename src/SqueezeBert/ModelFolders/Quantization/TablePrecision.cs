namespace SqueezeBert.Checkpoints;

/// <summary>How a quantized model stores its embedding tables.</summary>
public enum TablePrecision
{
    /// <summary>As they are.</summary>
    Float32,

    /// <summary>All tables in 8 bits, one scale a row.</summary>
    Int8,

    /// <summary>The word embeddings in 4 bits, one scale a row; the small tables (positions, token types) in 8.</summary>
    Int4,
}
