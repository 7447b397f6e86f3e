using System.Diagnostics;
using System.Globalization;
using SqueezeBert.Benchmarks.Engines;
using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Graphs;
using SqueezeBert.Inference;

namespace SqueezeBert.Benchmarks;

/// <summary>Memory of weights and activations, and whether it stays where it is over many calls of random lengths.</summary>
internal static class MemoryBenchmark
{
    public const string Usage = "[--models squeezebert-base] [--threads 1,2] [--length 512] [--calls 20000]";

    /// <exception cref="WrongResultException">Memory grew with the calls.</exception>
    public static void Run(Arguments arguments, TextWriter output)
    {
        Machine.Describe(output, arguments.All);
        output.WriteLine(
            "activations: the session's native memory after a text of that many tokens, its results among it; working set: of the whole " +
                "process, runtime included, MB");
        output.WriteLine();
        var table = new Table(output, "model", "threads:", "tokens:", "parameters MB:", "weights MB:", "activations MB:", "results MB:",
            "before:", "loaded:", "after a pass:");
        foreach (var model in arguments.Texts("--models", "squeezebert-base").Select(BenchmarkModel.Find))
        {
            foreach (var threads in arguments.Integers("--threads", [1, 2])) Run(model, threads, arguments, output, table);
        }
    }

    private static void Run(BenchmarkModel model, int threads, Arguments arguments, TextWriter output, Table table)
    {
        var length = Math.Min(arguments.Integer("--length", 512), model.Configuration.MaxPositionEmbeddings);
        var graph = model.Graph();
        var before = WorkingSet();
        using var inference = new Engine(model.Configuration, graph, model.Parameters(),
            new EngineOptions { Threads = threads });
        var loaded = WorkingSet();
        using var session = inference.CreateSession(OutputNames.LastHiddenState);
        var batch = new PackedBatch();
        batch.Add(TokenText.Random(length, model.Configuration.VocabularySize).Ids);
        session.Run(batch);
        table.Row(
            model.Name, Whole(threads), Whole(length), Table.Megabytes(sizeof(float) * ModelCost.ParameterCount(graph)),
            Table.Megabytes(inference.WeightBytes),
            Table.Megabytes(session.ActivationBytes), Table.Megabytes(sizeof(float) * (double)length * model.Configuration.HiddenSize),
            Table.Megabytes(before), Table.Megabytes(loaded), Table.Megabytes(WorkingSet()));
        var calls = arguments.Integer("--calls", 20_000);
        if (calls == 0) return;
        var flat = FlatMemory.Run(session, model.Configuration.VocabularySize, length, calls,
            () => GC.GetTotalAllocatedBytes(precise: true));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {calls} calls of 1 to {length} tokens: activations {flat.ActivationBytes.First} bytes, then {flat.ActivationBytes.Last}; " +
                $"allocated {string.Join(", ", flat.AllocatedBytes)} bytes; working set " +
                    $"{string.Join(", ", flat.WorkingSets.Select(bytes => Table.Megabytes(bytes)))} MB"));
        if (!flat.IsFlat) throw new WrongResultException($"{model.Name}: memory grew over {calls} calls of random lengths");
    }

    private static long WorkingSet()
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);
}
