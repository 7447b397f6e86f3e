using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using SqueezeBert.Checkpoints;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Graphs;
using SqueezeBert.Inference;
using SqueezeBert.Kernels;
using SqueezeBert.Measuring;
using SqueezeBert.Threading;

namespace SqueezeBert.Cli.Commands;

/// <summary>How fast this machine runs a user's own model, and how much of it that uses.</summary>
internal sealed class BenchCommand : ToolCommand
{
    private const int DefaultLength = 128, WarmUpPasses = 3, Rounds = 5;
    private const int MaxBatch = 65_536;
    private const int DefaultSeconds = 2;

    private readonly Option<string> _model = SharedOptions.RequiredModel();
    private readonly Option<int?> _threads = SharedOptions.Threads();
    private readonly Option<Precision?> _precision = SharedOptions.ModelPrecision();
    private readonly Option<int?> _batch = SharedOptions.Number("--batch", "Texts of a pass. Without it: 1.", 1, MaxBatch);
    private readonly Option<int?> _length = SharedOptions.Number(
        "--length", $"Tokens of a text. Without it: {DefaultLength}, or as many as the model has positions.", 1);
    private readonly Option<string> _output = new("--output")
    {
        HelpName = "NAME",
        Description = "What to compute, such as logits, which leaves out rows that a classifier does not need.",
        DefaultValueFactory = _ => OutputNames.LastHiddenState,
    };

    private readonly Option<double?> _seconds = SharedOptions.Seconds("--seconds", $"How long to measure. Without it: {DefaultSeconds}.");
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object." };

    public BenchCommand()
        : base("bench", "Measures how fast this machine runs a model.")
    {
        Add(_model);
        Add(_threads);
        Add(_precision);
        Add(_batch);
        Add(_length);
        Add(_output);
        Add(_seconds);
        Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert bench --model my-model",
        "squeezebert bench --model my-model --threads 1 --length 384 --json",
        "squeezebert bench --model my-classifier --output logits --batch 8 --precision int8",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var threads = arguments.GetValue(_threads) ?? WorkerPool.DefaultThreadCount;
        var batch = arguments.GetValue(_batch) ?? 1;
        var seconds = arguments.GetValue(_seconds) ?? DefaultSeconds;
        var output = arguments.GetValue(_output)!;
        using var folder = ModelFolder.Open(ModelArgument.Resolve(arguments.GetValue(_model)!, console, cancellationToken));
        var configuration = folder.Configuration;
        var length = arguments.GetValue(_length) ?? Math.Min(DefaultLength, configuration.MaxPositionEmbeddings);
        if (length < 1 || length > configuration.MaxPositionEmbeddings)
            throw new UsageException(
                $"--length {length.ToString(CultureInfo.InvariantCulture)}: the model has positions for 1 to " +
                    $"{configuration.MaxPositionEmbeddings.ToString(CultureInfo.InvariantCulture)} tokens");
        var graph = ModelGraph.CreateWhole(configuration);
        var flops = batch * ModelCost.Flops(graph, [output], length);
        using var model = new Engine(configuration, graph, folder.Weights, new EngineOptions
        {
            Threads = threads,
            Weights = Precisions.FormatOf(arguments.GetValue(_precision) ?? Precision.Auto),
        });
        var precision = Precisions.Of(model.Weights);
        using var session = model.CreateSession(output);
        session.Run(Texts(1, length, configuration.VocabularySize), cancellationToken);
        CheckMemory(batch, length, session.ActivationBytes, FreeMemory());
        var result = Measure(session, Texts(batch, length, configuration.VocabularySize), threads, seconds, flops, cancellationToken);
        if (arguments.GetValue(_json)) WriteJson(console.Output, configuration, output, precision, threads, batch, length, result);
        else WriteText(console.Output, configuration, model, session, output, precision, threads, batch, length, result);
        return ExitCode.Success;
    }

    /// <summary>Refuses a batch that the memory does not hold, by what one of its texts takes: the system would end the process.</summary>
    /// <exception cref="UsageException">It does not fit.</exception>
    internal static void CheckMemory(int batch, int length, long bytesOfOne, long free)
    {
        if ((double)bytesOfOne * batch <= free) return;
        throw new UsageException(string.Create(CultureInfo.InvariantCulture,
            $"--batch {batch} of {length} tokens takes about {(double)bytesOfOne * batch / 1e9:0.0} GB, and {free / 1e9:0.0} GB are " +
                $"free: give at most {Math.Max(1, free / bytesOfOne)}"));
    }

    // What the runtime knows of the load is that of the last collection.
    private static long FreeMemory()
    {
        GC.Collect();
        var memory = GC.GetGCMemoryInfo();
        return Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes);
    }

    /// <summary>Random ids, the same ones each time; of each text its middle token is selected, for a masked language model.</summary>
    private static PackedBatch Texts(int count, int length, int vocabularySize)
    {
        var random = new Random(length);
        var batch = new PackedBatch();
        var ids = new int[length];
        for (var text = 0; text < count; text++)
        {
            for (var i = 0; i < length; i++) ids[i] = random.Next(vocabularySize);
            batch.Add(ids);
            batch.Select((text * length) + (length / 2));
        }

        return batch;
    }

    /// <summary>Rounds of passes, and before each the machine's peak, which heat and other load change as they change the passes.</summary>
    private static Result Measure(ModelSession session, PackedBatch batch, int threads, double seconds, long flops,
        CancellationToken cancellationToken)
    {
        for (var i = 0; i < WarmUpPasses; i++) session.Run(batch, cancellationToken);
        var times = new List<double>();
        var peaks = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            peaks.Add(MachinePeak.FmaGflops(Math.Min(threads, WorkerPool.DefaultThreadCount)));
            var started = Stopwatch.GetTimestamp();
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                var pass = Stopwatch.GetTimestamp();
                session.Run(batch, cancellationToken);
                times.Add(Stopwatch.GetElapsedTime(pass).TotalSeconds);
            }
            while (Stopwatch.GetElapsedTime(started).TotalSeconds < seconds / Rounds);
        }

        times.Sort();
        peaks.Sort();
        var median = times[times.Count / 2];
        return new Result(median * 1e3, times[0] * 1e3, times.Count, flops / median / 1e9, peaks[peaks.Count / 2], PeakMemory());
    }

    // Not every platform keeps the highest value; memory is flat once warm, so what is held now is near it.
    private static long PeakMemory()
    {
        using var process = Process.GetCurrentProcess();
        return Math.Max(process.PeakWorkingSet64, process.WorkingSet64);
    }

    private static void WriteJson(
        TextWriter written, ModelConfiguration configuration, string output, Precision precision, int threads, int batch, int length,
        Result result)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("model_type", configuration.ModelType);
            json.WriteString("output", output);
            json.WriteString("precision", NameOf(precision));
            json.WriteNumber("threads", threads);
            json.WriteNumber("batch", batch);
            json.WriteNumber("length", length);
            json.WriteNumber("passes", result.Passes);
            json.WriteNumber("median_ms", result.MedianMilliseconds);
            json.WriteNumber("min_ms", result.MinimumMilliseconds);
            json.WriteNumber("gflops", result.Gflops);
            json.WriteNumber("peak_gflops", result.PeakGflops);
            json.WriteNumber("peak_memory_bytes", result.PeakMemoryBytes);
            json.WriteEndObject();
        }

        written.WriteLine(System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length));
    }

    private static void WriteText(
        TextWriter written, ModelConfiguration configuration, Engine model, ModelSession session, string output, Precision precision,
        int threads, int batch, int length, Result result)
    {
        Write("model", $"{configuration.ModelType}, {configuration.LayerCount} layers of {configuration.HiddenSize} channels");
        Write("input", $"{batch} x {length} tokens");
        Write("output", $"{output}");
        Write("precision", $"{NameOf(precision)}");
        Write("threads", $"{threads}, {InstructionSets.Selected}");
        Write("median", $"{result.MedianMilliseconds:0.000} ms (least {result.MinimumMilliseconds:0.000} ms, {result.Passes} passes)");
        Write("throughput",
            $"{batch / result.MedianMilliseconds * 1e3:0.0} texts/s, {(long)batch * length / result.MedianMilliseconds * 1e3:0} tokens/s");
        var share = result.Gflops / result.PeakGflops;
        Write("arithmetic", $"{result.Gflops:0.0} GFLOP/s, {share:0.0%} of the {result.PeakGflops:0} GFLOP/s that the cores reach at most");
        var (all, weights, activations) = (result.PeakMemoryBytes / 1e6, model.WeightBytes / 1e6, session.ActivationBytes / 1e6);
        Write("memory", $"{all:0.0} MB at most, of it weights {weights:0.0} MB and activations {activations:0.0} MB");

        void Write(string name, FormattableString value) =>
            written.WriteLine($"{name + ":",-20}{value.ToString(CultureInfo.InvariantCulture)}");
    }

    private static string NameOf(Precision precision) => precision.ToString().ToLowerInvariant();

    /// <summary>GFLOP/s are of the median pass, and of as many cores as there are threads.</summary>
    private sealed record Result(double MedianMilliseconds, double MinimumMilliseconds, int Passes, double Gflops, double PeakGflops,
        long PeakMemoryBytes);
}
