using System.Globalization;
using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Graphs;
using SqueezeBert.Inference;
using SqueezeBert.Inference.Operations;
using SqueezeBert.Measuring;

namespace SqueezeBert.Benchmarks;

/// <summary>Where a pass's time goes: the operations of the plan by kind and shape, on one thread, the medians of many passes.</summary>
internal static class InferenceProfile
{
    public const string Usage =
        "[--models squeezebert-base] [--precision float32|int8] [--lengths 64,128,384] [--outputs last_hidden_state] [--passes 30]";

    private const int WarmUpPasses = 10;

    public static void Run(Arguments arguments, TextWriter output)
    {
        Machine.Describe(output, arguments.All);
        output.WriteLine(
            "one text, one thread; of peak: of the fused multiply-adds that the core keeps up; of best 0.25 ms: of the best quarter of a " +
                "millisecond");
        output.WriteLine();
        var table = new Table(output, "model", "tokens:", "operation", "ms:", "of pass:", "GFLOP/s:", "of peak:", "of best 0.25 ms:");
        foreach (var model in arguments.Texts("--models", "squeezebert-base").Select(BenchmarkModel.Find))
        {
            using var ours = new Engine(model.Configuration, model.Graph(), model.Parameters(),
                new EngineOptions
                {
                    Threads = 1,
                    Weights = Precisions.FormatOf(arguments.Text("--precision") == "int8" ? Precision.Int8 : Precision.Float32),
                });
            using var session = ours.CreateSession([.. arguments.Texts("--outputs", OutputNames.LastHiddenState)]);
            foreach (var length in arguments.Integers("--lengths", [64, 128, 384])
                .Where(length => length <= model.Configuration.MaxPositionEmbeddings))
            {
                var batch = new PackedBatch();
                batch.Add(TokenText.Random(length, model.Configuration.VocabularySize, 0).Ids);
                Print(table, model.Name, length, Measure(session, batch, arguments.Integer("--passes", 30)));
            }
        }
    }

    private static Dictionary<string, Entry> Measure(ModelSession session, PackedBatch batch, int passes)
    {
        var entries = new Dictionary<string, Entry>();
        for (var i = 0; i < WarmUpPasses; i++) session.Run(batch);
        session.Execution.Observer = (operation, rows, time) =>
        {
            var name = Name(operation);
            if (!entries.TryGetValue(name, out var entry)) entries.Add(name, entry = new Entry());
            entry.Seconds += time.TotalSeconds;
            entry.Flops += 2 * Products(operation, rows, session.Execution);
        };
        for (var pass = 0; pass < passes; pass++)
        {
            session.Run(batch);
            foreach (var entry in entries.Values) entry.EndPass();
        }

        session.Execution.Observer = null;
        return entries;
    }

    private static void Print(Table table, string model, int length, Dictionary<string, Entry> entries)
    {
        double peak = MachinePeak.FmaGflops(), burst = MachinePeak.BurstGflops(), whole = entries.Values.Sum(entry => entry.Median);
        foreach (var (name, entry) in entries.OrderByDescending(pair => pair.Value.Median))
        {
            var rate = entry.FlopsOfPass / entry.Median / 1e9;
            var has = entry.FlopsOfPass > 0;
            table.Row(
                model, length.ToString(CultureInfo.InvariantCulture), name, Table.Milliseconds(entry.Median),
                Table.Percent(entry.Median / whole),
                has ? Table.Whole(rate) : "", has ? Table.Percent(rate / peak) : "", has ? Table.Percent(rate / burst) : "");
        }
    }

    private static string Name(Operation operation) => operation switch
    {
        LinearOperation linear => string.Create(
            CultureInfo.InvariantCulture,
            $"linear, {linear.Weights.Groups.Length} x [{linear.Weights.Groups[0].Rows}, {linear.Weights.Groups[0].Columns}]"),
        FeedForwardOperation => "feed-forward",
        AttentionOperation => "attention",
        _ => operation.GetType().Name.Replace("Operation", "", StringComparison.Ordinal).ToLowerInvariant(),
    };

    /// <summary>Multiply-adds of matrix products; other work counts nothing, as in the other tables.</summary>
    private static long Products(Operation operation, int rows, Execution execution) => operation switch
    {
        RowOperation row => rows * row.WeightCount,
        AttentionOperation attention => attention.Work(execution),
        _ => 0,
    };

    /// <summary>All operations of one name in a pass.</summary>
    private sealed class Entry
    {
        private readonly List<double> _passes = [];

        public double Seconds { get; set; }

        public double Flops { get; set; }

        public double FlopsOfPass { get; private set; }

        public double Median => new Samples(_passes).Median;

        public void EndPass()
        {
            _passes.Add(Seconds);
            (FlopsOfPass, Seconds, Flops) = (Flops, 0, 0);
        }
    }
}
