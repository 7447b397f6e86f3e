namespace SqueezeBert.Kernels.Products.Int8;

/// <summary>The ways in which bytes can be multiplied and summed; the sums are the same.</summary>
internal enum Int8Form
{
    /// <summary>One element at a time, the readable reference of all others.</summary>
    Scalar,

    /// <summary>Words of 16 bits in 128-bit vectors.</summary>
    Vector128,

    /// <summary>SDOT of ARM64: four signed bytes by four signed bytes.</summary>
    ArmDot,

    /// <summary>Words of 16 bits in 256-bit vectors.</summary>
    Avx2,

    /// <summary>VNNI of 256 bits: four unsigned bytes by four signed ones.</summary>
    AvxVnni,

    /// <summary>Words of 16 bits in 512-bit vectors.</summary>
    Avx512,

    /// <summary>VNNI of 512 bits, as machine code.</summary>
    Avx512Vnni,
}
