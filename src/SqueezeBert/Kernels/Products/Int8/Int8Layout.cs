namespace SqueezeBert.Kernels.Products.Int8;

/// <summary>
/// How the integers of a matrix and of the rows that it multiplies are stored. Each <see cref="Int8Form"/> needs one of them.
/// </summary>
internal enum Int8Layout
{
    /// <summary>As bytes, for instructions that multiply bytes, and for vectors that widen them on the way.</summary>
    Bytes,

    /// <summary>
    /// As 16-bit words, for <see cref="Microkernels.IWordSimd{TVector}"/>. They take twice the memory, and nothing is left to widen in the
    /// innermost loop.
    /// </summary>
    Words,
}
