using System.Globalization;
using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Measuring;

namespace SqueezeBert.Benchmarks;

/// <summary>
/// The machine's two limits, arithmetic and memory, and what they allow for a pass: a time that no engine can go below in float32, and
/// which of the two sets it.
/// </summary>
internal static class MachineBenchmark
{
    public const string Usage = "[--models squeezebert-base,bert-base] [--threads 1,2] [--lengths 8,16,32,64,128,256,384,512]";

    public static void Run(Arguments arguments, TextWriter output)
    {
        Machine.Describe(output, arguments.All);
        var limits = arguments.Integers("--threads", [1, 2])
            .Select(threads => new Limits(threads, MachinePeak.FmaGflops(threads), MemoryBandwidth.ReadGigabytesPerSecond(threads)))
            .ToList();
        var machine = new Table(output, "threads:", "FMA GFLOP/s:", "of it a core:", "read GB/s:");
        foreach (var (threads, gflops, bandwidth) in limits)
            machine.Row(Whole(threads), Table.Whole(gflops), Table.Whole(gflops / threads),
                bandwidth.ToString("0.0", CultureInfo.InvariantCulture));
        output.WriteLine();
        output.WriteLine(
            "One text, last hidden state; weights: those that every text needs, read once from memory (a cache that holds them makes " +
                "that limit void).");
        output.WriteLine();
        var table = new Table(output, "model", "tokens:", "GFLOP:", "weights MB:", "threads:", "arithmetic ms:", "memory ms:", "bound by");
        foreach (var model in arguments.Texts("--models", "squeezebert-base", "bert-base").Select(BenchmarkModel.Find))
        {
            var graph = model.Graph();
            foreach (var length in arguments.Integers("--lengths", [8, 16, 32, 64, 128, 256, 384, 512])
                .Where(length => length <= model.Configuration.MaxPositionEmbeddings))
            {
                var flops = ModelCost.Flops(graph, [OutputNames.LastHiddenState], length);
                var bytes = WeightBytes(graph, length);
                foreach (var (threads, gflops, bandwidth) in limits)
                {
                    var (arithmetic, memory) = (flops / gflops / 1e9, bytes / bandwidth / 1e9);
                    table.Row(
                        model.Name, Whole(length), (flops / 1e9).ToString("0.000", CultureInfo.InvariantCulture), Table.Megabytes(bytes),
                        Whole(threads),
                        Table.Milliseconds(arithmetic), Table.Milliseconds(memory), arithmetic > memory ? "arithmetic" : "memory");
                }
            }
        }
    }

    /// <summary>
    /// Bytes of weights that a text's hidden state needs: every matrix and vector, and a row a token of each embedding table.
    /// </summary>
    private static long WeightBytes(Graph graph, int tokens)
    {
        var nodes = graph.NodesFor([OutputNames.LastHiddenState]);
        var dense = nodes.Where(node => node is not EmbedNode).SelectMany(node => node.Expressions)
            .SelectMany(expression => expression.Leaves).Distinct().Sum(parameter => parameter.Length);
        var looked = nodes.OfType<EmbedNode>().Sum(embed => (long)embed.Tables.Count * embed.Width * tokens);
        return sizeof(float) * (dense + looked);
    }

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);

    private sealed record Limits(int Threads, double Gflops, double Bandwidth);
}
