namespace SqueezeBert;

/// <summary>The number format of the vectors that every search of a <see cref="VectorIndex"/> reads.</summary>
public enum VectorPrecision
{
    /// <summary>float32: four bytes per component, without loss.</summary>
    Float32,

    /// <summary>
    /// int8: one byte per component and one scale per vector. It takes about a quarter of the bytes and gives nearly the same order.
    /// </summary>
    Int8,

    /// <summary>
    /// One bit per component, its sign. It takes a thirty-second of the bytes. The bits alone are a rough measure. They choose candidates,
    /// which a more exact form then sorts (<see cref="VectorRescoring"/>).
    /// </summary>
    Bits,
}
