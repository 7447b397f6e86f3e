using System.Diagnostics;
using System.Globalization;
using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Graphs;
using SqueezeBert.Inference;

namespace SqueezeBert.Benchmarks;

/// <summary>
/// As many callers as cores, each with a session of its own on one model, against one caller on one thread: what a server gets out of its
/// cores.
/// </summary>
internal static class ConcurrencyBenchmark
{
    public const string Usage = "[--models squeezebert-base] [--callers 2] [--lengths 64,128] [--seconds 4] [--rounds 5]";

    public static void Run(Arguments arguments, TextWriter output)
    {
        var callers = arguments.Integer("--callers", Environment.ProcessorCount);
        Machine.Describe(output, arguments.All);
        output.WriteLine(
            $"passes a second; the {callers} callers share one model with default options, the single caller has one thread; one over " +
                $"the other, divided by {callers}");
        output.WriteLine();
        var table = new Table(output, "model", "tokens:", "1 caller:", "spread:", $"{callers} callers:", "spread:", "ratio:",
            "per caller:");
        foreach (var model in arguments.Texts("--models", "squeezebert-base").Select(BenchmarkModel.Find))
        {
            using var alone = new Engine(model.Configuration, model.Graph(), model.Parameters(),
                new EngineOptions { Threads = 1 });
            using var shared = new Engine(model.Configuration, model.Graph(), model.Parameters());
            foreach (var length in arguments.Integers("--lengths", [64, 128])
                .Where(length => length <= model.Configuration.MaxPositionEmbeddings))
            {
                var rounds = new RoundRobin
                {
                    Seconds = arguments.Number("--seconds", 4),
                    MinimumRounds = arguments.Integer("--rounds", 5)
                };
                var seconds = rounds.Seconds / rounds.MinimumRounds;
                var samples = rounds.Run(
                [
                    new Contender("one", () => PassesPerSecond(alone, model, length, 1, seconds), Repeats: false),
                    new Contender("all", () => PassesPerSecond(shared, model, length, callers, seconds), Repeats: false),
                ]);
                var ratio = samples[1].Median / samples[0].Median;
                table.Row(
                    model.Name, length.ToString(CultureInfo.InvariantCulture), Rate(samples[0].Median), Table.Percent(samples[0].Spread),
                    Rate(samples[1].Median), Table.Percent(samples[1].Spread), Table.Ratio(ratio), Table.Ratio(ratio / callers));
            }
        }
    }

    /// <summary>
    /// Whole passes of all callers in about that many seconds; all stop together, so that none runs with the cores of another.
    /// </summary>
    private static double PassesPerSecond(Engine model, BenchmarkModel shape, int length, int callers, double seconds)
    {
        using var start = new Barrier(callers);
        var rates = new double[callers];
        var threads = Enumerable.Range(0, callers).Select(caller => new Thread(() =>
        {
            using var session = model.CreateSession(OutputNames.LastHiddenState);
            var batch = new PackedBatch();
            batch.Add(TokenText.Random(length, shape.Configuration.VocabularySize, caller).Ids);
            session.Run(batch);
            start.SignalAndWait();
            var watch = Stopwatch.StartNew();
            var passes = 0;
            do
            {
                session.Run(batch);
                passes++;
            }
            while (watch.Elapsed.TotalSeconds < seconds);
            rates[caller] = passes / watch.Elapsed.TotalSeconds;
        })).ToList();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return rates.Sum();
    }

    private static string Rate(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
