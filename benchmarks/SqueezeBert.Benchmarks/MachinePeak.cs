using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SqueezeBert.Benchmarks;

/// <summary>What one core can do at most: fused multiply-adds on registers, as wide as the process may use.</summary>
internal static class MachinePeak
{
    private const int Chains = 12, Inner = 4096;

    /// <summary>Best of several runs, in GFLOP/s of one core.</summary>
    public static double FmaGflops()
    {
        double best = 0;
        for (var run = 0; run < 12; run++)
        {
            var watch = Stopwatch.StartNew();
            var sum = 0f;
            for (var i = 0; i < 200; i++) sum += Vector512.IsHardwareAccelerated ? Fma512(Inner, 1.0001f) : Fma256(Inner, 1.0001f);
            watch.Stop();
            GC.KeepAlive(sum);
            var lanes = Vector512.IsHardwareAccelerated ? 16 : 8;
            best = Math.Max(best, 2.0 * lanes * Chains * Inner * 200 / watch.Elapsed.TotalSeconds / 1e9);
        }

        return best;
    }

    // Twelve independent chains hide the latency of the two units; no call in here, so that all stay in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Fma512(int count, float factor)
    {
        var (f, a) = (Vector512.Create(factor), Vector512.Create(1e-7f));
        var (x0, x1, x2, x3, x4, x5) = (a, a, a, a, a, a);
        var (x6, x7, x8, x9, x10, x11) = (a, a, a, a, a, a);
        for (var i = 0; i < count; i++)
        {
            x0 = Vector512.FusedMultiplyAdd(x0, f, a);
            x1 = Vector512.FusedMultiplyAdd(x1, f, a);
            x2 = Vector512.FusedMultiplyAdd(x2, f, a);
            x3 = Vector512.FusedMultiplyAdd(x3, f, a);
            x4 = Vector512.FusedMultiplyAdd(x4, f, a);
            x5 = Vector512.FusedMultiplyAdd(x5, f, a);
            x6 = Vector512.FusedMultiplyAdd(x6, f, a);
            x7 = Vector512.FusedMultiplyAdd(x7, f, a);
            x8 = Vector512.FusedMultiplyAdd(x8, f, a);
            x9 = Vector512.FusedMultiplyAdd(x9, f, a);
            x10 = Vector512.FusedMultiplyAdd(x10, f, a);
            x11 = Vector512.FusedMultiplyAdd(x11, f, a);
        }

        return (x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11)[0];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Fma256(int count, float factor)
    {
        var (f, a) = (Vector256.Create(factor), Vector256.Create(1e-7f));
        var (x0, x1, x2, x3, x4, x5) = (a, a, a, a, a, a);
        var (x6, x7, x8, x9, x10, x11) = (a, a, a, a, a, a);
        for (var i = 0; i < count; i++)
        {
            x0 = Vector256.FusedMultiplyAdd(x0, f, a);
            x1 = Vector256.FusedMultiplyAdd(x1, f, a);
            x2 = Vector256.FusedMultiplyAdd(x2, f, a);
            x3 = Vector256.FusedMultiplyAdd(x3, f, a);
            x4 = Vector256.FusedMultiplyAdd(x4, f, a);
            x5 = Vector256.FusedMultiplyAdd(x5, f, a);
            x6 = Vector256.FusedMultiplyAdd(x6, f, a);
            x7 = Vector256.FusedMultiplyAdd(x7, f, a);
            x8 = Vector256.FusedMultiplyAdd(x8, f, a);
            x9 = Vector256.FusedMultiplyAdd(x9, f, a);
            x10 = Vector256.FusedMultiplyAdd(x10, f, a);
            x11 = Vector256.FusedMultiplyAdd(x11, f, a);
        }

        return (x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11)[0];
    }
}
