namespace SqueezeBert;

/// <summary>What an index of <see cref="VectorPrecision.Bits"/> keeps beside the bits to put candidates in order.</summary>
public enum VectorRescoring
{
    /// <summary>Nothing: the share of equal signs is the score.</summary>
    None,

    /// <summary>The vectors in int8, of which a search reads those of its candidates only.</summary>
    Int8,

    /// <summary>The vectors in float32, likewise.</summary>
    Float32,
}
