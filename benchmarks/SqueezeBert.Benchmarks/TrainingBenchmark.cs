using System.Diagnostics;
using System.Globalization;
using SqueezeBert.Checkpoints;
using SqueezeBert.Inference;
using SqueezeBert.Kernels;
using SqueezeBert.Models;
using SqueezeBert.Threading;
using SqueezeBert.Training.Engine;
using SqueezeBert.Training.Losses;
using SqueezeBert.Training.Optimization;

namespace SqueezeBert.Benchmarks;

/// <summary>Times whole training steps (forward, loss, backward, clipping, AdamW), with dropout, of a classifier with two labels.</summary>
internal static class TrainingBenchmark
{
    public static readonly IReadOnlyDictionary<string, TrainingShape> Shapes = new Dictionary<string, TrainingShape>
    {
        ["small"] = new(new SqueezeBertConfiguration { HiddenSize = 256, LayerCount = 6, HeadCount = 4, IntermediateSize = 1024, VocabularySize = 8000 }, 32, 64),
        ["base"] = new(new SqueezeBertConfiguration { VocabularySize = 30528 }, 8, 128),
    };

    public static void Run(Arguments arguments)
    {
        var threads = arguments.Integers("--threads", [1, 2]);
        var seconds = arguments.Number("--seconds", 6);
        Console.WriteLine("SqueezeBERT, float32, dropout 0.1, random tokens; share = FLOP/s of the median over the FMA peak measured beside it");
        Console.WriteLine("shape  threads   batch    median ms     min ms   tokens/s    GFLOP/s  peak/core    share");
        foreach (var name in (arguments.Text("--shapes") ?? "small,base").Split(','))
        {
            foreach (var count in threads)
            {
                using var step = new TrainingStep(Shapes[name], count);
                Measure(name, count, step, seconds);
            }
        }
    }

    private static void Measure(string name, int threads, TrainingStep step, double seconds)
    {
        for (var i = 0; i < 3; i++) step.Run();
        var peak = MachinePeak.FmaGflops();
        var times = new List<double>();
        var total = Stopwatch.StartNew();
        while (total.Elapsed.TotalSeconds < seconds || times.Count < 5)
        {
            var start = Stopwatch.GetTimestamp();
            step.Run();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        times.Sort();
        var median = times[times.Count / 2];
        var rate = step.Flops / median / 1e6;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-5}  {threads,7}  {step.Shape.Texts,3}x{step.Shape.Length,-3}  {median,10:0.0}  {times[0],9:0.0}  {step.Batch.TokenCount / median * 1000,9:0}  {rate,9:0}  {peak,9:0}  {rate / peak / threads,7:0.0%}"));
    }
}

/// <param name="Configuration">The model.</param>
/// <param name="Texts">Texts of a batch.</param>
/// <param name="Length">Tokens of a text.</param>
internal sealed record TrainingShape(SqueezeBertConfiguration Configuration, int Texts, int Length);

/// <summary>A model with its optimizer and one batch.</summary>
internal sealed unsafe class TrainingStep : IDisposable
{
    private readonly WorkerPool _pool;
    private readonly AdamW _optimizer;
    private readonly LabelBatch _labels = new();
    private readonly SoftmaxCrossEntropy _loss = new();
    private long _steps;

    public TrainingStep(TrainingShape shape, int threads)
    {
        Shape = shape;
        _pool = new WorkerPool(threads);
        Graph = ModelGraph.Create(shape.Configuration, ModelHead.SequenceClassification);
        Parameters = new ParameterStore(Graph.Parameters);
        var values = new FormulaParameters();
        foreach (var parameter in Graph.Parameters) values.Read(parameter, Parameters.ValueSpan(parameter));
        Training = new TrainingGraph(Graph, OutputNames.Logits, Parameters, _pool);
        Training.PackWeights();
        _optimizer = new AdamW(Parameters, new AdamWOptions(), _pool);
        var random = new Random(1);
        for (var text = 0; text < shape.Texts; text++)
        {
            Batch.Add([.. Enumerable.Range(0, shape.Length).Select(_ => random.Next(1, shape.Configuration.VocabularySize))]);
            _labels.AddClass(random.Next(2));
        }
    }

    public TrainingShape Shape { get; }

    public Graph Graph { get; }

    public ParameterStore Parameters { get; }

    public TrainingGraph Training { get; }

    public PackedBatch Batch { get; } = new();

    /// <summary>Of the products of a step: forward, and twice as many backward.</summary>
    public long Flops => 3 * DemandedNodes.For(Graph, OutputNames.Logits).Nodes.Sum(node => ForwardFlops(node, Batch));

    public static long ForwardFlops(Node node, PackedBatch batch)
    {
        long rows = node.Rows == RowSet.Tokens ? batch.TokenCount : batch.TextCount;
        return node switch
        {
            LinearNode linear => 2 * rows * linear.Weight.Rows * linear.Weight.Columns,
            AttentionNode attention => 4 * rows * (batch.TokenCount / batch.TextCount) * attention.Width,
            _ => 0,
        };
    }

    public void Run()
    {
        Training.ClearGradients();
        Training.Forward(Batch, new DropoutKey(1, _steps++, 0));
        _loss.Compute(Training.OutputData, Training.OutputRows, Training.OutputWidth, _labels, _loss.Weight(_labels, Training.OutputWidth), _pool);
        Training.Backward();
        _optimizer.Step(5e-5, maxNorm: 1);
        Training.PackWeights();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        Training.Dispose();
        Parameters.Dispose();
        _pool.Dispose();
    }
}
