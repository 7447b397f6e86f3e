using System.Diagnostics;
using System.Globalization;
using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Operations;
using SqueezeBert.Gradients.Plans;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Measuring;
using SqueezeBert.Threading;
using SqueezeBert.Training;
using SqueezeBert.Training.Optimization;

namespace SqueezeBert.Benchmarks;

/// <summary>
/// Where a training step's time goes: runs the operations of the plan one by one on this thread, block by block as the engine does, and
/// takes the least time of each over many steps, so that other load shows little.
/// </summary>
internal sealed unsafe class TrainingProfile : IDisposable
{
    public const string Usage = "[--shapes small] [--steps 20]";

    /// <summary>Rows below this share of the step are left out.</summary>
    private const double MinShare = 0.002;

    private readonly TrainingStep _training;
    private readonly WorkerPool _pool = new(1);
    private readonly GradientPlan _plan;
    private readonly BatchState _state;
    private readonly AdamW _optimizer;
    private readonly Dictionary<Operation, int> _index = [];
    private readonly Dictionary<(int Operation, string Phase), double> _now = [];
    private readonly Dictionary<(int Operation, string Phase), double> _best = [];

    public TrainingProfile(TrainingShape shape)
    {
        _training = new TrainingStep(shape, 1);
        _plan = new GradientPlan(_training.Graph, [new OutputRequest(OutputNames.Logits)], _training.Parameters);
        foreach (var operation in _plan.Operations) _index.Add(operation, _index.Count);
        _state = new BatchState(1);
        _optimizer = new AdamW(_training.Parameters, new AdamWOptions(), _pool);
    }

    public static void Run(Arguments arguments, TextWriter output)
    {
        foreach (var shape in arguments.Texts("--shapes", "small").Select(TrainingShape.Find))
        {
            using var profile = new TrainingProfile(shape);
            for (var i = 0; i < arguments.Integer("--steps", 20); i++) profile.Step(i);
            profile.Print(shape.Name, output);
        }
    }

    public void Dispose()
    {
        foreach (var operation in _plan.Operations) (operation as IDisposable)?.Dispose();
        _optimizer.Dispose();
        _state.Arena.Dispose();
        _training.Dispose();
        _pool.Dispose();
    }

    private static string Kind(Operation operation) => operation.Node switch
    {
        LinearNode linear => $"Linear {linear.Weight.Columns * linear.Groups}->{linear.Width} in {linear.Groups}, {operation.Node.Rows}",
        var node => $"{node.GetType().Name[..^4]}, {node.Rows}",
    };

    private void Step(int number)
    {
        _now.Clear();
        for (var i = 0; i < _plan.Operations.Length; i++)
        {
            var operation = _plan.Operations[i];
            Time(i, "pack", () =>
            {
                for (var part = 0; part < operation.PackParts; part++) operation.Pack(part);
            });
        }

        _state.Begin(_training.Batch, new DropoutKey(1, number, 0));
        foreach (var storage in _plan.Storages) storage.Data = _state.Arena.Floats((long)_state.RowCount(storage.Rows) * storage.Width);
        foreach (var segment in _plan.Segments)
        {
            foreach (var operation in segment.Operations) operation.Prepare(_state);
            Blocks(segment, (operation, first, count) => operation.Forward(_state, first, count, 0), "forward", segment.Operations);
        }

        var output = _plan.Outputs[0];
        new Span<float>(output.Gradient, _state.RowCount(output.Rows) * output.Width).Fill(1e-3f);
        foreach (var segment in _plan.Segments.AsEnumerable().Reverse())
        {
            Blocks(segment, (operation, first, count) => operation.Backward(_state, first, count, 0), "backward",
                segment.BackwardOperations);
            foreach (var operation in segment.Operations)
            {
                Time(_index[operation], "parameters", () =>
                {
                    for (var part = 0; part < operation.ParameterParts; part++) operation.ParameterGradient(_state, part);
                });
            }
        }

        Time(-1, "norm", () => _optimizer.GradientNorm());
        Time(-1, "update and norm", () => _optimizer.Step(1e-6, 1));
        Time(-1, "clear", _training.Training.ClearGradients);
        foreach (var (key, time) in _now) _best[key] = _best.TryGetValue(key, out var best) ? Math.Min(best, time) : time;
    }

    private void Blocks(Segment segment, Action<Operation, int, int> run, string phase, IEnumerable<Operation> operations)
    {
        var units = segment.Operations[0].Units(_state);
        var size = segment.Operations[0].IsRowWise ? BatchState.RowBlock : 1;
        for (var first = 0; first < units; first += size)
        {
            var count = Math.Min(size, units - first);
            if (phase == "backward") Time(-1, "fetch", () => segment.Fetch(first, count));
            foreach (var operation in operations) Time(_index[operation], phase, () => run(operation, first, count));
        }
    }

    private void Time(int operation, string phase, Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        _now[(operation, phase)] = _now.GetValueOrDefault((operation, phase)) + time;
    }

    private void Print(string name, TextWriter output)
    {
        var peak = MachinePeak.FmaGflops();
        var total = _best.Values.Sum();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"shape {name}, one thread, least times: {total:0.0} ms in all, {_training.Flops / total / 1e6:0} GFLOP/s, FMA peak {peak:0}"));
        output.WriteLine();
        var table = new Table(output, "operation", "phase", "ms:", "share:", "of peak:");
        var rows =
            _best.GroupBy(pair => (Kind: pair.Key.Operation < 0 ? "Optimizer" : Kind(_plan.Operations[pair.Key.Operation]),
                pair.Key.Phase));
        foreach (var row in rows.OrderByDescending(row => row.Sum(pair => pair.Value)))
        {
            var time = row.Sum(pair => pair.Value);
            var flops = row.Sum(pair => Flops(pair.Key.Operation, pair.Key.Phase));
            if (time >= MinShare * total)
                table.Row(row.Key.Kind, row.Key.Phase, Table.Milliseconds(time / 1e3), Table.Percent(time / total),
                    flops == 0 ? "" : Table.Percent(flops / time / 1e6 / peak));
        }

        output.WriteLine();
    }

    /// <summary>Of the products of an operation in a phase. The backward pass of attention has no parameters, and so both halves.</summary>
    private long Flops(int operation, string phase)
    {
        if (operation < 0 || phase == "pack") return 0;
        var node = _plan.Operations[operation].Node;
        return TrainingStep.ForwardFlops(node, _training.Batch) * (phase == "backward" && node is AttentionNode ? 2 : 1);
    }
}
