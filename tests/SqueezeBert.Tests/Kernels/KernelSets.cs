using SqueezeBert.Kernels;

namespace SqueezeBert.Tests.Kernels;

/// <summary>The instruction sets to compare with the scalar reference.</summary>
internal static class KernelSets
{
    /// <summary>The vector forms whose bits must be those of the reference: all, but on x86 without FMA none.</summary>
    public static IEnumerable<InstructionSet> Exact =>
        InstructionSets.HasFusedMultiplyAdd ? InstructionSets.Available.Where(set => set != InstructionSet.Scalar) : [];
}
