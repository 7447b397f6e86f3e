using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Training.Data;

/// <summary>
/// Estimates how many examples of one set are near-duplicates of examples of another set, or parts of them. These are the examples most of
/// whose sequences of five tokens also occur in the other set. Shorter examples must occur there unchanged. The time is linear in the
/// number of tokens, and the memory in those of the sample.
/// </summary>
internal static class SplitOverlap
{
    private const int RunLength = 5;

    // Independent texts share names and phrases, seldom most of what they say.
    private const double MinShare = 0.8;

    private const int MaxExamples = 2000;

    /// <summary>
    /// Returns the share of such examples in <paramref name="evaluated"/>, 0 to 1. If there are many examples, a sample is used.
    /// </summary>
    /// <param name="trained">The training examples.</param>
    /// <param name="evaluated">The evaluated examples.</param>
    /// <param name="isSpecial">Identifies tokens that occur in every example.</param>
    public static double Share(ExampleSet trained, ExampleSet evaluated, Func<int, bool> isSpecial)
    {
        var count = Math.Min(evaluated.Count, MaxExamples);
        if (count == 0) return 0;
        var wanted = new HashSet<ulong>();
        var examples = new ulong[count][];
        for (var i = 0; i < count; i++)
        {
            examples[i] = [.. Runs(evaluated, evaluated[(int)((long)i * evaluated.Count / count)], isSpecial)];
            wanted.UnionWith(examples[i]);
        }

        var found = new HashSet<ulong>();
        for (var i = 0; i < trained.Count; i++)
        {
            foreach (var run in Runs(trained, trained[i], isSpecial))
            {
                if (wanted.Contains(run)) found.Add(run);
            }
        }

        return (double)examples.Count(runs => runs.Length > 0 && runs.Count(found.Contains) >= MinShare * runs.Length) / count;
    }

    private static List<ulong> Runs(ExampleSet set, Example example, Func<int, bool> isSpecial)
    {
        var tokens = new List<int>(example.Length);
        foreach (var token in set.Tokens(example))
        {
            if (!isSpecial(token)) tokens.Add(token);
        }

        var runs = new List<ulong>();
        if (tokens.Count is > 0 and < RunLength) runs.Add(Hash(tokens, 0, tokens.Count));
        for (var start = 0; start + RunLength <= tokens.Count; start++) runs.Add(Hash(tokens, start, RunLength));
        return runs;
    }

    // The length goes in first: a short text as a whole is no run of a longer one.
    private static ulong Hash(List<int> tokens, int start, int length)
    {
        var hash = HashedNumbers.Mix((ulong)length);
        for (var i = start; i < start + length; i++) hash = HashedNumbers.Mix(hash ^ (uint)tokens[i]);
        return hash;
    }
}
