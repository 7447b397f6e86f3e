namespace SqueezeBert.Kernels;

/// <summary>The implementations of a kernel, from the slowest to the fastest.</summary>
internal enum InstructionSet
{
    /// <summary>One element at a time. It is the readable reference of all others.</summary>
    Scalar,

    /// <summary>128-bit vectors: AdvSimd on ARM64, SSE on x86 (with FMA where the processor has it).</summary>
    Vector128,

    /// <summary>256-bit vectors with fused multiply-add on x86.</summary>
    Avx2,

    /// <summary>
    /// Like <see cref="Avx2"/>, but with matrix products in 512-bit machine code. It is for a program that was compiled ahead of time for
    /// processors with AVX2 and runs on a processor with AVX-512.
    /// </summary>
    Avx512Tiles,

    /// <summary>512-bit vectors on x86.</summary>
    Avx512,
}
