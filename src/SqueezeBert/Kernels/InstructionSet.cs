namespace SqueezeBert.Kernels;

/// <summary>The ways in which a kernel can be carried out, from the slowest to the fastest.</summary>
internal enum InstructionSet
{
    /// <summary>One element at a time, the readable reference of all others.</summary>
    Scalar,

    /// <summary>128-bit vectors: AdvSimd on ARM64, SSE on x86 (with FMA where the processor has it).</summary>
    Vector128,

    /// <summary>256-bit vectors with fused multiply-add on x86.</summary>
    Avx2,

    /// <summary>
    /// As <see cref="Avx2"/>, but with matrix products in 512-bit machine code: for a program that was compiled ahead of time for
    /// processors with AVX2 and runs on one that has more.
    /// </summary>
    Avx512Tiles,

    /// <summary>512-bit vectors on x86.</summary>
    Avx512,
}
