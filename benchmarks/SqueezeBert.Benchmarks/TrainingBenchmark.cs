using System.Diagnostics;
using System.Globalization;
using SqueezeBert.Benchmarks.Engines;
using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Measuring;

namespace SqueezeBert.Benchmarks;

/// <summary>
/// Whole training steps (forward, loss, backward, clipping, AdamW) of a classifier with two labels, dropout on: ours, and in turns with it
/// PyTorch's where a tool for that is named.
/// </summary>
internal sealed class TrainingBenchmark(Arguments arguments, TextWriter output)
{
    public const string Usage = "[--shapes small,base,bert-base] [--threads 1,2] [--seconds 3] [--rounds 3] [--torchstep TOOL]";

    private const int WarmUps = 3;

    private readonly double _seconds = arguments.Number("--seconds", 3);
    private readonly int _rounds = arguments.Integer("--rounds", 3);
    private readonly string? _tool = arguments.Text("--torchstep");

    public static void Run(Arguments arguments, TextWriter output) => new TrainingBenchmark(arguments, output).Run();

    private void Run()
    {
        var shapes = arguments.Texts("--shapes", "small", "base", "bert-base").Select(TrainingShape.Find).ToList();
        Machine.Describe(output, arguments.All);
        output.WriteLine(
            "SqueezeBERT and BERT, float32, dropout 0.1, random tokens; GFLOP/s: of the products that our step has to compute, over the " +
                "median");
        output.WriteLine("peak: fused multiply-adds on registers, on as many cores at a time, measured in the same rounds");
        if (_tool is not null)
            output.WriteLine(
                "PyTorch, memory kept: under settings of glibc with which freed memory stays with the process; its median and spread are " +
                    "of one median a round");
        output.WriteLine("ours/theirs: ratio of the medians; below 1 we are faster");
        output.WriteLine();
        var table = new Table(output, "model", "batch", "threads:", "engine", "median ms:", "min ms:", "spread:", "tokens/s:", "GFLOP/s:",
            "of peak:", "ours/theirs:");
        foreach (var shape in shapes)
        {
            foreach (var threads in arguments.Integers("--threads", [1, 2])) Measure(table, shape, threads);
        }
    }

    private void Measure(Table table, TrainingShape shape, int threads)
    {
        using var step = new TrainingStep(shape, threads);
        var torch = _tool is null ? null : new TorchStep(_tool, shape, threads);
        List<double> ours = [], peaks = [];
        List<(double Median, double Minimum)> usual = [], kept = [];
        for (var round = 0; round < _rounds; round++)
        {
            peaks.Add(MachinePeak.FmaGflops(threads));
            Turn(step, ours);
            if (torch is null) continue;
            usual.Add(torch.Run(keepMemory: false));
            kept.Add(torch.Run(keepMemory: true));
        }

        var samples = new Samples(ours);
        var rate = step.Flops / samples.Median / 1e9;
        Row("SqueezeBert", samples, samples.Minimum, Table.Whole(rate), Table.Percent(rate / new Samples(peaks).Median), "");
        if (torch is null) return;
        Peer("PyTorch", usual);
        Peer("PyTorch, memory kept", kept);

        void Peer(string name, List<(double Median, double Minimum)> runs)
        {
            var medians = new Samples(runs.Select(run => run.Median));
            Row(name, medians, runs.Min(run => run.Minimum), "", "", Table.Ratio(samples.Median / medians.Median));
        }

        void Row(string engine, Samples times, double minimum, string gflops, string share, string ratio) => table.Row(
            shape.Name, string.Create(CultureInfo.InvariantCulture, $"{shape.Texts} x {shape.Length}"),
            threads.ToString(CultureInfo.InvariantCulture), engine,
            Table.Milliseconds(times.Median), Table.Milliseconds(minimum), Table.Percent(times.Spread),
            Table.Whole(step.Batch.TokenCount / times.Median), gflops, share, ratio);
    }

    private void Turn(TrainingStep step, List<double> times)
    {
        for (var i = 0; i < WarmUps; i++) step.Run();
        var turn = Stopwatch.StartNew();
        do
        {
            var start = Stopwatch.GetTimestamp();
            step.Run();
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        while (turn.Elapsed.TotalSeconds < _seconds);
    }
}
