using System.Diagnostics;
using SqueezeBert.Inference;

namespace SqueezeBert.Benchmarks;

/// <summary>What many calls of random lengths did to the memory.</summary>
/// <param name="ActivationBytes">The session's native memory after the longest text, and at the end.</param>
/// <param name="AllocatedBytes">Managed memory that each tenth of the calls allocated.</param>
/// <param name="WorkingSets">The process's working set after the first call and then ten times evenly.</param>
internal sealed record FlatMemory((long First, long Last) ActivationBytes, IReadOnlyList<long> AllocatedBytes,
    IReadOnlyList<long> WorkingSets)
{
    private const int Reports = 10;

    /// <summary>
    /// Whether the engine kept to the memory that the longest text needed. What the runtime allocates now and then is not the engine's, so
    /// a tenth without any is enough; the working set, in which the operating system has a part too, is only reported.
    /// </summary>
    public bool IsFlat => ActivationBytes.First == ActivationBytes.Last && AllocatedBytes.Contains(0);

    /// <summary>Runs one text at a time, of 1 to <paramref name="longest"/> tokens, after one of the longest.</summary>
    /// <param name="session">Any.</param>
    /// <param name="vocabularySize">Ids are below.</param>
    /// <param name="longest">Tokens.</param>
    /// <param name="calls">At least 10.</param>
    /// <param name="allocated">What counts the managed bytes allocated so far.</param>
    public static FlatMemory Run(ModelSession session, int vocabularySize, int longest, int calls, Func<long> allocated)
    {
        var random = new Random(1);
        var ids = Enumerable.Range(0, longest).Select(_ => random.Next(vocabularySize)).ToArray();
        var batch = new PackedBatch();
        var sets = new long[Reports + 1];
        void Call(int length)
        {
            batch.Clear();
            batch.Add(ids.AsSpan(0, length));
            session.Run(batch);
        }

        for (var i = 0; i < 3; i++) Call(longest);
        var activations = session.ActivationBytes;
        sets[0] = WorkingSet();
        var bytes = new long[Reports];
        for (var report = 0; report < Reports; report++)
        {
            // Looking at the process allocates; that is not the engine's.
            var before = allocated();
            for (var i = 0; i < calls / Reports; i++) Call(random.Next(1, longest + 1));
            bytes[report] = allocated() - before;
            sets[report + 1] = WorkingSet();
        }

        return new FlatMemory((activations, session.ActivationBytes), bytes, sets);
    }

    private static long WorkingSet()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
