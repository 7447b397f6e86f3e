using System.Diagnostics;
using System.Globalization;
using SqueezeBert.Checkpoints;
using SqueezeBert.Hub;

namespace SqueezeBert.Fuzz;

/// <summary>What a run found about a reader.</summary>
/// <param name="Target">Its name.</param>
/// <param name="Cases">Cases that were run.</param>
/// <param name="Accepted">Those that were read without an error.</param>
/// <param name="LongestMilliseconds">The slowest case.</param>
/// <param name="LargestAllocation">Most bytes that a case allocated.</param>
/// <param name="Failures">Cases that broke a promise, with what is needed to repeat them.</param>
internal sealed record FuzzResult(string Target, long Cases, long Accepted, double LongestMilliseconds, long LargestAllocation,
    IReadOnlyList<string> Failures);

/// <summary>
/// Runs mutated files through a reader. A case must end within a second, allocate at most ten times its length and 64 MB, and give a result
/// or the documented exception. A case depends on the seed, the target and its number only.
/// </summary>
internal static class FuzzRun
{
    private const int MaxFailures = 20;

    public static FuzzResult Run(FuzzTarget target, ulong seed, long first, long count, CancellationToken cancellationToken = default)
    {
        var buffer = new float[1 << 18];
        var failures = new List<string>();
        long cases = 0, accepted = 0, allocation = 0;
        double longest = 0;
        for (var index = first; index < first + count && failures.Count < MaxFailures
            && !cancellationToken.IsCancellationRequested; index++)
        {
            var bytes = Case(target, seed, index);
            var (error, milliseconds, allocated) = Measure(target, bytes, buffer);

            // A busy machine makes any case slow once.
            for (var again = 0; again < 3 && milliseconds > 1000; again++)
                milliseconds = Math.Min(milliseconds, Measure(target, bytes, buffer).Milliseconds);
            cases++;
            longest = Math.Max(longest, milliseconds);
            allocation = Math.Max(allocation, allocated);
            if (error is null) accepted++;
            else if (error is not (InvalidModelFileException or HubException)) Fail($"{error.GetType().Name}: {error.Message}");
            if (milliseconds > 1000) Fail(string.Create(CultureInfo.InvariantCulture, $"took {milliseconds:F0} ms"));
            if (allocated > (10L * bytes.Length) + (64 << 20)) Fail($"allocated {allocated} bytes for a file of {bytes.Length}");

            void Fail(string what) =>
                failures.Add(string.Create(CultureInfo.InvariantCulture, $"{target.Name} case {index} of seed {seed}: {what}"));
        }

        return new FuzzResult(target.Name, cases, accepted, longest, allocation, failures);
    }

    /// <summary>The bytes of a case.</summary>
    public static byte[] Case(FuzzTarget target, ulong seed, long index)
    {
        var name = target.Name.Aggregate(0xCBF29CE484222325, (hash, letter) => (hash ^ letter) * 0x100000001B3);
        var mutator = new Mutator(seed ^ name ^ ((ulong)index * 0xD1342543DE82EF95));
        var limit = target.SmallCount < target.Corpus.Count && mutator.Below(64) == 0 ? target.Corpus.Count : target.SmallCount;
        var bytes = mutator.Mutate(target.Corpus[mutator.Below(limit)], target.Corpus, target.Words, target.IsText);
        if (target.Repair is not null && mutator.Below(4) > 0) target.Repair(bytes);
        return bytes;
    }

    private static (Exception? Error, double Milliseconds, long Allocated) Measure(FuzzTarget target, byte[] bytes, float[] buffer)
    {
        Exception? error = null;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        try
        {
            target.Read(bytes, buffer);
        }
        catch (Exception e)
        {
            error = e;
        }

        var milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return (error, milliseconds, GC.GetAllocatedBytesForCurrentThread() - allocated);
    }
}
