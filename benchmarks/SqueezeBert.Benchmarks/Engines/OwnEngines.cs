using SqueezeBert.Graphs;
using SqueezeBert.Inference;

namespace SqueezeBert.Benchmarks.Engines;

/// <summary>The same model of ours in each precision.</summary>
internal sealed class OwnEngines(BenchmarkModel model, Graph graph, IReadOnlyList<Precision> precisions, int threads) : IDisposable
{
    public IReadOnlyList<(Precision Precision, Engine Model)> All { get; } =
    [
        .. precisions.Select(precision => (precision, new Engine(
            model.Configuration, graph, model.Parameters(),
            new EngineOptions { Threads = threads, Weights = SqueezeBert.Inference.Precisions.FormatOf(precision) }))),
    ];

    /// <summary>What --precisions says, float32 without it; the last one is compared with other engines.</summary>
    public static IReadOnlyList<Precision> Precisions(Arguments arguments) => [.. arguments.Texts("--precisions", "float32").Select(Parse)];

    public static string Name(Precision precision) => precision.ToString().ToLowerInvariant();

    public void Dispose()
    {
        foreach (var (_, engine) in All) engine.Dispose();
    }

    private static Precision Parse(string name) => Enum.GetValues<Precision>().Where(precision => Name(precision) == name)
        .Select(precision => (Precision?)precision).FirstOrDefault()
        ?? throw new ArgumentException($"--precisions takes {string.Join(", ", Enum.GetValues<Precision>().Select(Name))}, not '{name}'");
}
