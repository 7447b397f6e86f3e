using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace SqueezeBert.Kernels;

/// <summary>
/// Which instruction sets this processor offers, and which one the kernels use. All of them give the same bits as long as the processor has
/// fused multiply-add; without it (<see cref="HasFusedMultiplyAdd"/>) <see cref="InstructionSet.Vector128"/> multiplies and adds, which
/// rounds twice.
/// </summary>
internal static class InstructionSets
{
    /// <summary>The environment variable that forces a lower instruction set: scalar, vector128, avx2 or avx512.</summary>
    public const string Variable = "SQUEEZEBERT_INSTRUCTION_SET";

    /// <summary>Whether vectors are multiplied and added with one rounding.</summary>
    public static bool HasFusedMultiplyAdd => Fma.IsSupported || AdvSimd.IsSupported;

    /// <summary>The fastest instruction set of this processor.</summary>
    public static InstructionSet Best =>
        IsAvailable(InstructionSet.Avx512) ? InstructionSet.Avx512
        : IsAvailable(InstructionSet.Avx2) ? InstructionSet.Avx2
        : IsAvailable(InstructionSet.Vector128) ? InstructionSet.Vector128
        : InstructionSet.Scalar;

    /// <summary>The instruction set that the kernels use: <see cref="Best"/>, unless <see cref="Variable"/> names a lower one.</summary>
    public static InstructionSet Selected { get; } = Select(Environment.GetEnvironmentVariable(Variable));

    /// <summary>All instruction sets of this processor, slowest first.</summary>
    public static IReadOnlyList<InstructionSet> Available => [.. Enum.GetValues<InstructionSet>().Where(IsAvailable)];

    /// <summary>
    /// The instruction set for a value of <see cref="Variable"/>: an unknown name is an error, one this processor lacks means the best it
    /// has.
    /// </summary>
    public static InstructionSet Select(string? name)
    {
        if (string.IsNullOrEmpty(name))
            return Best;
        var wanted = name.ToLowerInvariant() switch
        {
            "scalar" => InstructionSet.Scalar,
            "vector128" => InstructionSet.Vector128,
            "avx2" => InstructionSet.Avx2,
            "avx512" => InstructionSet.Avx512,
            _ => throw new InvalidOperationException(
                $"{Variable}={name} is not an instruction set: use scalar, vector128, avx2 or avx512, or unset it."),
        };
        return IsAvailable(wanted) ? wanted : Best;
    }

    private static bool IsAvailable(InstructionSet set) => set switch
    {
        InstructionSet.Scalar => true,
        InstructionSet.Vector128 => Vector128.IsHardwareAccelerated,
        InstructionSet.Avx2 => Avx2.IsSupported && Fma.IsSupported,
        InstructionSet.Avx512 => Avx512F.IsSupported && Avx512DQ.IsSupported && Vector512.IsHardwareAccelerated,
        _ => false,
    };
}
