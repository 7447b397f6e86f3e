namespace SqueezeBert;

/// <summary>What an index of <see cref="VectorPrecision.Bits"/> stores in addition to the bits, to sort the candidates.</summary>
public enum VectorRescoring
{
    /// <summary>Nothing. The score is computed from the share of equal signs.</summary>
    None,

    /// <summary>The vectors in int8. A search reads only those of its candidates.</summary>
    Int8,

    /// <summary>The vectors in float32. A search reads only those of its candidates.</summary>
    Float32,
}
