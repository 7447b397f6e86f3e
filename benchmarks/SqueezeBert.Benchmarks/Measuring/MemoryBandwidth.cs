using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SqueezeBert.Benchmarks.Measuring;

/// <summary>
/// How fast memory is read front to back, far beyond the caches: what bounds a short text, for which every weight is used a few times only.
/// </summary>
internal static unsafe class MemoryBandwidth
{
    private const long BytesPerThread = 256L << 20;
    private const int Passes = 5;

    /// <summary>
    /// Gigabytes (10⁹ bytes) a second that all threads read together, each from memory of its own; the best of several passes.
    /// </summary>
    public static double ReadGigabytesPerSecond(int threads)
    {
        var blocks = new nint[threads];
        try
        {
            for (var i = 0; i < threads; i++)
            {
                blocks[i] = (nint)NativeMemory.AlignedAlloc((nuint)BytesPerThread, 64);
                NativeMemory.Fill((void*)blocks[i], (nuint)BytesPerThread, 1);
            }

            double best = 0;
            for (var pass = 0; pass < Passes; pass++) best = Math.Max(best, threads * BytesPerThread / Slowest(blocks) / 1e9);
            return best;
        }
        finally
        {
            foreach (var block in blocks) NativeMemory.AlignedFree((void*)block);
        }
    }

    private static double Slowest(nint[] blocks)
    {
        var seconds = new double[blocks.Length];
        using var start = new Barrier(blocks.Length);
        var threads = blocks.Select((block, index) => new Thread(() =>
        {
            start.SignalAndWait();
            var started = Stopwatch.GetTimestamp();
            GC.KeepAlive(Read((byte*)block, BytesPerThread));
            seconds[index] = Stopwatch.GetElapsedTime(started).TotalSeconds;
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return seconds.Max();
    }

    // Two cache lines a round; one operation per 32 bytes read, so that memory is what it waits for.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong Read(byte* address, long bytes)
    {
        Vector256<ulong> x0 = Vector256<ulong>.Zero, x1 = x0, x2 = x0, x3 = x0;
        for (long i = 0; i < bytes; i += 128)
        {
            x0 ^= Vector256.Load((ulong*)(address + i));
            x1 ^= Vector256.Load((ulong*)(address + i + 32));
            x2 ^= Vector256.Load((ulong*)(address + i + 64));
            x3 ^= Vector256.Load((ulong*)(address + i + 96));
        }

        var all = x0 ^ x1 ^ x2 ^ x3;
        return all[0] ^ all[1] ^ all[2] ^ all[3];
    }
}
