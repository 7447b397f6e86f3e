using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Products.MachineCode;
using SqueezeBert.Kernels.Products.Microkernels;

namespace SqueezeBert.Kernels;

/// <summary>
/// Determines which instruction sets this processor supports and which one the kernels use, and runs kernels with the vectors of an
/// instruction set. All instruction sets give the same bits if the processor has fused multiply-add. Without it
/// (<see cref="HasFusedMultiplyAdd"/>), <see cref="InstructionSet.Vector128"/> multiplies and adds separately, which rounds twice.
/// </summary>
internal static class InstructionSets
{
    /// <summary>The environment variable that forces a lower instruction set: scalar, vector128, avx2, avx512tiles or avx512.</summary>
    public const string Variable = "SQUEEZEBERT_INSTRUCTION_SET";

    /// <summary>
    /// The instruction sets, fastest first. The first one that this processor supports is used. A new instruction set needs a row here, a
    /// line in each Run method below, and the two types that these name. An availability test that is expensive runs only if all faster
    /// sets are missing.
    /// </summary>
    private static readonly (InstructionSet Set, string Name, Func<bool> IsAvailable)[] Table =
    [
        // 32 registers of 16 elements: tiles twice as high as with 16 registers, so that weights are read half as often. DQ has the bitwise
        // operations on float32. The runtime denies acceleration where the clock falls with 512 bits; then 256 bits are faster.
        (InstructionSet.Avx512, "avx512", static () => Avx512F.IsSupported && Avx512DQ.IsSupported && Vector512.IsHardwareAccelerated),

        // Ahead of time, a program is compiled for the processors that it must run on, and asks no processor for more.
        (InstructionSet.Avx512Tiles, "avx512tiles", static () => Avx2.IsSupported && Fma.IsSupported && FmaTiles.IsAvailable),

        // AVX2 without FMA would round twice, and no processor that has one lacks the other in practice.
        (InstructionSet.Avx2, "avx2", static () => Avx2.IsSupported && Fma.IsSupported),

        // ARM64, whose AdvSimd has fused multiply-add, and x86 before AVX2, which has it seldom.
        (InstructionSet.Vector128, "vector128", static () => Vector128.IsHardwareAccelerated),

        // The readable reference; it runs everywhere, and nothing else does where vectors are switched off.
        (InstructionSet.Scalar, "scalar", static () => true),
    ];

    /// <summary>Whether vectors are multiplied and added with a single rounding.</summary>
    public static bool HasFusedMultiplyAdd => Fma.IsSupported || AdvSimd.IsSupported;

    /// <summary>The fastest instruction set of this processor.</summary>
    public static InstructionSet Best => Table.First(row => row.IsAvailable()).Set;

    /// <summary>The instruction set that the kernels use: <see cref="Best"/>, unless <see cref="Variable"/> names a lower one.</summary>
    public static InstructionSet Selected { get; } = Select(Environment.GetEnvironmentVariable(Variable));

    /// <summary>All instruction sets of this processor, slowest first.</summary>
    public static IReadOnlyList<InstructionSet> Available => [.. Table.Reverse().Where(row => row.IsAvailable()).Select(row => row.Set)];

    /// <summary>Whether this processor has an instruction set.</summary>
    public static bool IsAvailable(InstructionSet set) => Table.First(row => row.Set == set).IsAvailable();

    /// <summary>Returns the name of an instruction set in <see cref="Variable"/>.</summary>
    public static string NameOf(InstructionSet set) => Table.First(row => row.Set == set).Name;

    /// <summary>
    /// Returns the instruction set for a value of <see cref="Variable"/>. An unknown name is an error. A set that this processor does not
    /// support selects the best one that it does.
    /// </summary>
    public static InstructionSet Select(string? name)
    {
        if (string.IsNullOrEmpty(name))
            return Best;
        foreach (var (set, known, isAvailable) in Table)
        {
            if (known.Equals(name, StringComparison.OrdinalIgnoreCase))
                return isAvailable() ? set : Best;
        }

        throw new InvalidOperationException(
            $"{Variable}={name} is not an instruction set: use scalar, vector128, avx2, avx512tiles or avx512, or unset it.");
    }

    /// <summary>Runs a kernel over 16 lanes. It is called once for a block of rows or more.</summary>
    public static void Run<TKernel>(InstructionSet set, TKernel kernel)
        where TKernel : struct, IKernel
    {
        switch (set)
        {
            case InstructionSet.Avx512: kernel.Run<Lanes512>(); break;
            case InstructionSet.Avx512Tiles or InstructionSet.Avx2: kernel.Run<Lanes256>(); break;
            case InstructionSet.Vector128: kernel.Run<Lanes128>(); break;
            default: kernel.RunScalar(); break;
        }
    }

    /// <summary>
    /// Runs a kernel that uses plain vectors. It is called once for a panel of a matrix or more. <see cref="InstructionSet.Avx512Tiles"/>
    /// has no such kernels and uses <see cref="FmaTiles"/> instead.
    /// </summary>
    public static void RunTiles<TKernel>(InstructionSet set, TKernel kernel)
        where TKernel : struct, ITileKernel
    {
        switch (set)
        {
            case InstructionSet.Avx512: kernel.Run<Simd512, Vector512<float>>(); break;
            case InstructionSet.Avx2: kernel.Run<Simd256, Vector256<float>>(); break;
            case InstructionSet.Vector128: kernel.Run<Simd128, Vector128<float>>(); break;
            default: kernel.RunScalar(); break;
        }
    }
}
