using System.Runtime.CompilerServices;

namespace SqueezeBert.Kernels;

/// <summary>How the loops are compiled that a pass spends its time in: methods that call nothing.</summary>
internal static class LeafKernel
{
    /// <summary>
    /// The just-in-time compiler takes them with all optimizations at the first call; without being told it would begin with none.
    /// ReadyToRun compiles ahead of time only what does not ask for that. Its image holds them for AVX-512, and a process on another CPU is
    /// told by its runtimeconfig.json to compile methods with loops as above.
    /// </summary>
#if READY_TO_RUN
    public const MethodImplOptions Compilation = default;
#else
    public const MethodImplOptions Compilation = MethodImplOptions.AggressiveOptimization;
#endif
}
