using System.Runtime.CompilerServices;

namespace SqueezeBert.Kernels;

/// <summary>The compilation option of the loops in which a forward pass spends its time: methods without calls.</summary>
internal static class LeafKernel
{
    /// <summary>
    /// The just-in-time compiler compiles these methods with all optimizations at the first call. Without this option it would begin
    /// without optimizations. ReadyToRun compiles ahead of time only methods that do not ask for full optimization. Its image contains them
    /// for AVX-512. A process on another processor compiles methods with loops as described above, according to its runtimeconfig.json.
    /// </summary>
#if READY_TO_RUN
    public const MethodImplOptions Compilation = default;
#else
    public const MethodImplOptions Compilation = MethodImplOptions.AggressiveOptimization;
#endif
}
