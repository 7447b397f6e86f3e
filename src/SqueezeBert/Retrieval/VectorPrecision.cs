namespace SqueezeBert;

/// <summary>How a <see cref="VectorIndex"/> stores the vectors that every search reads.</summary>
public enum VectorPrecision
{
    /// <summary>Four bytes a component: nothing is lost.</summary>
    Float32,

    /// <summary>A byte a component, with one scale a vector: a quarter of the bytes and nearly the same order.</summary>
    Int8,

    /// <summary>
    /// The sign of each component: a thirty-second of the bytes. Alone they are a rough measure; they choose candidates, which a more exact
    /// form puts in order (<see cref="VectorRescoring"/>).
    /// </summary>
    Bits,
}
