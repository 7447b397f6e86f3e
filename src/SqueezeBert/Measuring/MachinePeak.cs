using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products.MachineCode;
using SqueezeBert.Kernels.Products.Microkernels;

namespace SqueezeBert.Measuring;

/// <summary>
/// The highest computing speed of the cores: fused multiply-adds on registers only, with the vector width of the kernels. The speed of a
/// kernel is reported as a share of it.
/// </summary>
internal static unsafe class MachinePeak
{
    // 32 calls of 4096 rounds take a quarter of a millisecond: short enough that some bursts are not interrupted, long enough for the
    // clock.
    private const int Bursts = 24, CallsPerBurst = 32, Rounds = 4096, ValueFloats = 32;

    // As long as a pass of a model, so that it has its share of what interrupts a pass.
    private const int Stretches = 5;
    private const double StretchSeconds = 0.005;

    /// <summary>
    /// Measures the float32 operations per second that this number of cores sustains at the same time, in GFLOP/s. A multiply-add counts as
    /// two. It is the median of five periods of five milliseconds, so that interruptions by the system or a hypervisor, which affect every
    /// program, do not count. It takes about 25 milliseconds.
    /// </summary>
    /// <param name="threads">
    /// The number of threads, 1 or more. Cores that share a power budget or an execution unit are slower together than alone.
    /// </param>
    public static double FmaGflops(int threads = 1) => Sum(threads, MedianStretch);

    /// <summary>
    /// Like <see cref="FmaGflops"/>, but for the best quarter of a millisecond of 24. It is the speed of a core without interruptions. It
    /// takes about ten milliseconds.
    /// </summary>
    /// <param name="threads">The number of threads, 1 or more.</param>
    public static double BurstGflops(int threads = 1) => Sum(threads, BestBurst);

    /// <summary>Returns the sum of <paramref name="measure"/> on all threads at the same time.</summary>
    private static double Sum(int threads, Func<double> measure)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var rates = new double[threads];
        using var start = new Barrier(threads);
        var helpers = new Thread[threads - 1];
        for (var i = 0; i < helpers.Length; i++)
        {
            var index = i + 1;
            helpers[i] = new Thread(() => Measure(index)) { IsBackground = true };
            helpers[i].Start();
        }

        Measure(0);
        foreach (var helper in helpers) helper.Join();
        return rates.Sum();

        void Measure(int index)
        {
            start.SignalAndWait();
            rates[index] = measure();
        }
    }

    private static double MedianStretch()
    {
        var rates = new double[Stretches];
        for (var stretch = 0; stretch < Stretches; stretch++) rates[stretch] = Rate(StretchSeconds);
        Array.Sort(rates);
        return rates[Stretches / 2];
    }

    private static double BestBurst()
    {
        double best = 0;
        for (var burst = 0; burst < Bursts; burst++) best = Math.Max(best, Rate(0));
        return best;
    }

    /// <summary>Returns the GFLOP/s over whole bursts (at least one) that last at least this long.</summary>
    private static double Rate(double leastSeconds)
    {
        var values = stackalloc float[ValueFloats];
        (values[0], values[1]) = (1.0001f, 1e-7f);
        var operations = 0L;
        var started = Stopwatch.GetTimestamp();
        double seconds;
        do
        {
            for (var call = 0; call < CallsPerBurst; call++) operations += Burst(values);
            seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        while (seconds < leastSeconds);
        return operations / seconds / 1e9;
    }

    private static long Burst(float* values)
    {
        switch (InstructionSets.Selected)
        {
            case InstructionSet.Avx512:
                Chains12<Simd512, Vector512<float>>(values);
                return 2L * 12 * Simd512.Count * Rounds;
            case InstructionSet.Avx512Tiles:
                *(long*)(values + 2) = Rounds;
                FmaTiles.RunPeak(values);
                return 2L * 12 * Simd512.Count * Rounds;
            case InstructionSet.Avx2:
                Chains12<Simd256, Vector256<float>>(values);
                return 2L * 12 * Simd256.Count * Rounds;
            default:
                // ARM cores have up to four units of four cycles, and twice the registers.
                if (AdvSimd.IsSupported)
                {
                    Chains20<Simd128, Vector128<float>>(values);
                    return 2L * 20 * Simd128.Count * Rounds;
                }

                Chains12<Simd128, Vector128<float>>(values);
                return 2L * 12 * Simd128.Count * Rounds;
        }
    }

    // Twelve independent chains hide the latency of two units of four cycles, and fit into 16 registers. No call in here, so that all stay
    // in registers.
    [MethodImpl(LeafKernel.Compilation)]
    private static void Chains12<TSimd, TVector>(float* values)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector f = TSimd.Broadcast(values), a = TSimd.Broadcast(values + 1);
        TVector x0 = a, x1 = a, x2 = a, x3 = a, x4 = a, x5 = a, x6 = a, x7 = a, x8 = a, x9 = a, x10 = a, x11 = a;
        for (var i = 0; i < Rounds; i++)
        {
            x0 = TSimd.MultiplyAdd(x0, f, a);
            x1 = TSimd.MultiplyAdd(x1, f, a);
            x2 = TSimd.MultiplyAdd(x2, f, a);
            x3 = TSimd.MultiplyAdd(x3, f, a);
            x4 = TSimd.MultiplyAdd(x4, f, a);
            x5 = TSimd.MultiplyAdd(x5, f, a);
            x6 = TSimd.MultiplyAdd(x6, f, a);
            x7 = TSimd.MultiplyAdd(x7, f, a);
            x8 = TSimd.MultiplyAdd(x8, f, a);
            x9 = TSimd.MultiplyAdd(x9, f, a);
            x10 = TSimd.MultiplyAdd(x10, f, a);
            x11 = TSimd.MultiplyAdd(x11, f, a);
        }

        // Stored, so that nothing of it can be left out.
        x0 = TSimd.Add(TSimd.Add(TSimd.Add(x0, x1), TSimd.Add(x2, x3)), TSimd.Add(TSimd.Add(x4, x5), TSimd.Add(x6, x7)));
        TSimd.Store(values + 16, TSimd.Add(x0, TSimd.Add(TSimd.Add(x8, x9), TSimd.Add(x10, x11))));
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void Chains20<TSimd, TVector>(float* values)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector f = TSimd.Broadcast(values), a = TSimd.Broadcast(values + 1);
        TVector x0 = a, x1 = a, x2 = a, x3 = a, x4 = a, x5 = a, x6 = a, x7 = a, x8 = a, x9 = a;
        TVector y0 = a, y1 = a, y2 = a, y3 = a, y4 = a, y5 = a, y6 = a, y7 = a, y8 = a, y9 = a;
        for (var i = 0; i < Rounds; i++)
        {
            x0 = TSimd.MultiplyAdd(x0, f, a);
            x1 = TSimd.MultiplyAdd(x1, f, a);
            x2 = TSimd.MultiplyAdd(x2, f, a);
            x3 = TSimd.MultiplyAdd(x3, f, a);
            x4 = TSimd.MultiplyAdd(x4, f, a);
            x5 = TSimd.MultiplyAdd(x5, f, a);
            x6 = TSimd.MultiplyAdd(x6, f, a);
            x7 = TSimd.MultiplyAdd(x7, f, a);
            x8 = TSimd.MultiplyAdd(x8, f, a);
            x9 = TSimd.MultiplyAdd(x9, f, a);
            y0 = TSimd.MultiplyAdd(y0, f, a);
            y1 = TSimd.MultiplyAdd(y1, f, a);
            y2 = TSimd.MultiplyAdd(y2, f, a);
            y3 = TSimd.MultiplyAdd(y3, f, a);
            y4 = TSimd.MultiplyAdd(y4, f, a);
            y5 = TSimd.MultiplyAdd(y5, f, a);
            y6 = TSimd.MultiplyAdd(y6, f, a);
            y7 = TSimd.MultiplyAdd(y7, f, a);
            y8 = TSimd.MultiplyAdd(y8, f, a);
            y9 = TSimd.MultiplyAdd(y9, f, a);
        }

        x0 = TSimd.Add(TSimd.Add(TSimd.Add(x0, x1), TSimd.Add(x2, x3)), TSimd.Add(TSimd.Add(x4, x5), TSimd.Add(x6, x7)));
        y0 = TSimd.Add(TSimd.Add(TSimd.Add(y0, y1), TSimd.Add(y2, y3)), TSimd.Add(TSimd.Add(y4, y5), TSimd.Add(y6, y7)));
        TSimd.Store(values + 16, TSimd.Add(TSimd.Add(x0, y0), TSimd.Add(TSimd.Add(x8, x9), TSimd.Add(y8, y9))));
    }
}
