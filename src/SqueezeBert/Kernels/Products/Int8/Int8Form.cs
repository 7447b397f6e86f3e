namespace SqueezeBert.Kernels.Products.Int8;

/// <summary>The implementations of multiplying and summing bytes. The sums are the same for all of them.</summary>
internal enum Int8Form
{
    /// <summary>One element at a time. It is the readable reference of all others.</summary>
    Scalar,

    /// <summary>128-bit vectors of 16-bit words.</summary>
    Vector128,

    /// <summary>SDOT of ARM64: four signed bytes by four signed bytes.</summary>
    ArmDot,

    /// <summary>256-bit vectors of 16-bit words, in pairs (<see cref="Microkernels.IWordSimd{TVector}"/>).</summary>
    Avx2,

    /// <summary>VNNI of 256 bits: four unsigned bytes by four signed ones.</summary>
    AvxVnni,

    /// <summary>512-bit vectors of 16-bit words, in pairs.</summary>
    Avx512,

    /// <summary>VNNI of 512 bits, as machine code.</summary>
    Avx512Vnni,

    /// <summary>AMX, as machine code: 16 rows by 16 columns of four bytes by 16.</summary>
    Amx,
}
