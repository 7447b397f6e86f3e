using System.Diagnostics;
using System.Globalization;
using SqueezeBert.Checkpoints;
using SqueezeBert.Inference;
using SqueezeBert.Models;

namespace SqueezeBert.Benchmarks;

/// <summary>Times whole passes and prints them as a share of what the core can do at most.</summary>
internal static class InferenceBenchmark
{
    public static void Run(Arguments arguments)
    {
        var lengths = arguments.Integers("--lengths", [8, 16, 32, 64, 128, 256, 384, 512]);
        var threads = arguments.Integers("--threads", [1, 2]);
        var seconds = arguments.Number("--seconds", 2);
        var configuration = new SqueezeBertConfiguration { VocabularySize = 30528 };
        var graph = ModelGraph.Create(configuration, ModelHead.None);
        Console.WriteLine("SqueezeBERT-base, float32, batch 1, formula weights; share = FLOP/s of the median over the FMA peak measured beside it");
        Console.WriteLine("threads  output              tokens  median ms     min ms    GFLOP/s  peak/core    share");
        foreach (var count in threads)
        {
            using var model = new InferenceModel(configuration, graph, new FormulaParameters(), new InferenceOptions { Threads = count });
            foreach (var output in new[] { OutputNames.LastHiddenState, OutputNames.PoolerOutput })
            {
                using var session = model.CreateSession(output);
                foreach (var length in lengths) Measure(session, output, count, length, seconds, Flops(graph, configuration, output, length));
            }
        }
    }

    /// <summary>Matrix products of the rows that the output needs: a pooled row leaves out most of the last layer.</summary>
    internal static long Flops(Graph graph, SqueezeBertConfiguration c, string output, int length)
    {
        var pooler = 2L * c.HiddenSize * c.HiddenSize;
        var all = ModelCost.Flops(graph, length) - pooler;
        if (output == OutputNames.LastHiddenState) return all;
        long perRow = (c.HiddenSize * (long)c.HiddenSize / c.QueryGroups) + (c.HiddenSize * (long)c.HiddenSize / c.PostAttentionGroups)
            + (2L * c.HiddenSize * c.IntermediateSize / c.IntermediateGroups) + (2L * length * c.HiddenSize);
        return all - (2 * (length - 1) * perRow) + pooler;
    }

    private static void Measure(InferenceSession session, string output, int threads, int length, double seconds, long flops)
    {
        var batch = new PackedBatch();
        var random = new Random(length);
        batch.Add([.. Enumerable.Range(0, length).Select(_ => random.Next(999, 20000))]);
        for (var i = 0; i < 3; i++) session.Run(batch);
        var peak = MachinePeak.FmaGflops();
        var times = new List<double>();
        var total = Stopwatch.StartNew();
        while (total.Elapsed.TotalSeconds < seconds || times.Count < 5)
        {
            var start = Stopwatch.GetTimestamp();
            session.Run(batch);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        times.Sort();
        var median = times[times.Count / 2];
        var rate = flops / median / 1e6;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{threads,7}  {output,-18}  {length,6}  {median,9:0.00}  {times[0],9:0.00}  {rate,9:0}  {peak,9:0}  {rate / peak / threads,7:0.0%}"));
    }
}
