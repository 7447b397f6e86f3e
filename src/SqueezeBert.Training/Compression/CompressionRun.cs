using System.Globalization;
using System.Text.Json;
using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Files;
using SqueezeBert.ModelFolders.Conversion;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Pruning;
using SqueezeBert.Training.Running;
using SqueezeBert.Training.Tasks;

namespace SqueezeBert.Training.Compression;

/// <summary>A compression: what is tried, in which order, and what is kept. Not thread-safe.</summary>
internal sealed class CompressionRun : IDisposable
{
    private const string Int8 = "int8", Table = "table", Layers = "layers", Heads = "heads", Channels = "channels", Report = "report";

    // Of the layers that matter least, so many are tried before the number of layers stays.
    private const int LayerTries = 2;

    // Sizes of a feed-forward network that are tried are at most so many, which a search by halves needs four steps for.
    private const int Sizes = 16;

    // A loss of exactly what may be lost is within it, whatever its rounding.
    private const double Rounding = 1e-9;

    private static readonly string[] Kinds = [Int8, Table, Layers, Heads, Channels, Report];

    private readonly string _model;
    private readonly CompressionOptions _options;
    private readonly IProgress<CompressionProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly ConversionTarget _target;
    private readonly string _work;
    private readonly CompressionTask _task;
    private readonly CompressionData _data;
    private readonly StartingPoint _start;
    private readonly StageInput _input;
    private readonly CandidateMeasure _measure;
    private readonly WorkerPool _pool;
    private readonly List<CompressionStep> _steps = [];
    private readonly List<CompressionRemark> _leftAlone = [];
    private CompressionFigures _before = null!;
    private CompressionFigures _after = null!;
    private Candidate _current;
    private Healing? _healing;
    private StageData? _examples;
    private string _kind = Int8;

    public CompressionRun(
        string model, string output, CompressionOptions options, IProgress<CompressionProgress>? progress,
        CancellationToken cancellationToken)
    {
        (_model, _options, _progress, _cancellation) = (model, options, progress, cancellationToken);
        _target = new ConversionTarget(output, isOnnx: false);
        _work = _target.Stage + "-work";
        using (var folder = ModelFolder.Open(model))
        {
            _task = CompressionTask.Of(folder, options.Metric);
            _data = CompressionData.Read(options.Data, options.HealEpochs > 0, cancellationToken);
            var stage = new StageRecipe
            {
                Name = "compress",
                Task = _task.Task,
                Data = [new DataSource { File = Path.Combine(_work, "importance.jsonl") }],
                HeldOut = 0,
                MaxLength = Math.Min(options.MaxLength ?? int.MaxValue, folder.Configuration.MaxPositionEmbeddings),
            };
            _start = new StartingPoint(new Recipe { File = model, Output = _work, From = model, Stages = [stage] });
            if (_start.Tokenizer.ModelMaxLength is { } length && length < stage.MaxLength) stage = stage with { MaxLength = length };
            _input = new StageInput(stage, model, ".", _start.Tokenizer, _start.KnownLabels(stage.Head));
            _current = new Candidate(folder.Configuration, _start.Tensors, IsInt8: false, TablePrecision.Float32);
        }

        _measure = new CandidateMeasure(_task, options);
        _pool = new WorkerPool(options.Threads ?? WorkerPool.DefaultThreadCount);
    }

    public CompressionReport Execute()
    {
        FileProblem.MakeFolder(_work);
        _before = _after = _measure.Measure(_model, _data.Deciding, null, _cancellation);
        if (!double.IsFinite(_before.Score))
            throw new DataFormatException(_options.Data.File, null, $"the given model has no {_task.Metric} on a half of the data");
        TryInt8();
        TryTables();
        if (_task.Untrainable is { } reason)
        {
            foreach (var kind in (string[])[Layers, Heads, Channels]) _leftAlone.Add(new CompressionRemark(kind, reason));
        }
        else
        {
            PrepareExamples();
            TryLayers();
            TryHeads();
            TryChannels();
        }

        Begin(Report);
        _leftAlone.Add(new CompressionRemark("vocabulary", "pieces are taken out by 'squeezebert new --from-teacher --keep-pieces' only"));
        _current.Save(_target.Stage, _start.StoredType, _start.Tokenizer);
        var report = new CompressionReport
        {
            Metric = _task.Metric,
            Before = _before,
            After = _after,
            BeforeElsewhere = _measure.Measure(_model, _data.Reported, null, _cancellation),
            AfterElsewhere = _measure.Measure(_target.Stage, _data.Reported, null, _cancellation),
            Steps = _steps,
            LeftAlone = [.. _leftAlone.OrderBy(remark => Array.IndexOf(Kinds, remark.Kind) is var place and >= 0 ? place : Kinds.Length)],
            Configuration = _current.Configuration,
            HealingExamples = _data.Learnt.Count,
        };
        AtomicFile.Write(Path.Combine(_target.Stage, "compression.json"), stream =>
        {
            using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
            report.WriteJson(json);
        });
        _target.Finish();
        return report;
    }

    public void Dispose()
    {
        _pool.Dispose();
        if (Directory.Exists(_work)) Directory.Delete(_work, recursive: true);
        _target.Dispose();
    }

    private void TryInt8()
    {
        Begin(Int8);
        Try("float to int8", _current with { IsInt8 = true }, canHeal: false);
        End();
    }

    private void TryTables()
    {
        Begin(Table);
        if (!_current.IsInt8)
        {
            _leftAlone.Add(new CompressionRemark(Table, "tables are quantized beside linear layers only"));
            return;
        }

        if (Try("float32 to int8", _current with { Tables = TablePrecision.Int8 }, canHeal: false))
            Try("int8 to int4", _current with { Tables = TablePrecision.Int4 }, canHeal: false);
        End();
    }

    private void TryLayers()
    {
        Begin(Layers);
        if (_current.Configuration.LayerCount < 2) _leftAlone.Add(new CompressionRemark(Layers, "the model has one only"));
        var isSmaller = true;
        while (isSmaller && _current.Configuration.LayerCount > 1)
        {
            var count = _current.Configuration.LayerCount;
            var importance = Pruning().Measure(_options.Examples, _cancellation).Layers;
            isSmaller = Enumerable.Range(0, count).OrderBy(layer => importance[layer]).ThenByDescending(layer => layer).Take(LayerTries)
                .Any(layer => Try(Invariant($"{count} to {count - 1}, without {layer}"), Without(layer), canHeal: true));
        }

        End();

        Candidate Without(int layer)
        {
            var pruning = Pruning();
            pruning.RemoveLayer(layer);
            return Of(pruning);
        }
    }

    private void TryHeads()
    {
        Begin(Heads);
        var configuration = _current.Configuration;
        var count = Pruning().Layers.Heads;
        if (!configuration.Layout.HasPrunedHeads)
        {
            _leftAlone.Add(new CompressionRemark(
                Heads, $"config.json of a model of type '{configuration.ModelType}' has no field for fewer heads than its width says"));
            return;
        }

        if (count < 2) _leftAlone.Add(new CompressionRemark(Heads, "a layer has one only"));
        else Search(count, [.. Enumerable.Range(1, count - 1)], (pruning, importance, heads) => pruning.KeepParts(importance, heads, null));
        End();
    }

    private void TryChannels()
    {
        Begin(Channels);
        var size = _current.Configuration.IntermediateSize;
        var sizes = SizesBelow(size, Pruning().Layers.ChannelMultiple);
        if (sizes.Count == 0) _leftAlone.Add(new CompressionRemark(Channels, "a group has one only"));
        else Search(size, sizes, (pruning, importance, channels) => pruning.KeepParts(importance, null, channels));
        End();
    }

    /// <summary>
    /// Returns smaller sizes in ascending order. The channels of each group are a multiple of 16 if there are enough of them, which is
    /// efficient for the kernels.
    /// </summary>
    internal static IReadOnlyList<int> SizesBelow(int size, int multiple)
    {
        var ofGroup = size / multiple;
        var unit = ((int[])[16, 8, 4, 2, 1]).FirstOrDefault(unit => 2 * unit <= ofGroup);
        if (unit == 0) return [];
        unit *= Math.Max(1, ofGroup / unit / Sizes);
        return [.. Enumerable.Range(1, (ofGroup - 1) / unit).Select(step => step * unit * multiple)];
    }

    /// <summary>
    /// Finds the smallest of ascending sizes with a permitted loss, by bisection. Each size is measured on the current model.
    /// </summary>
    private void Search(int size, IReadOnlyList<int> sizes, Action<ModelPruning, Importance, int> prune)
    {
        var from = _current;
        var importance = Pruning().Measure(_options.Examples, _cancellation);
        var (low, high) = (0, sizes.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var pruning = PruningOf(from);
            prune(pruning, importance, sizes[middle]);
            if (Try(Invariant($"{size} to {sizes[middle]}"), Of(pruning), canHeal: true)) high = middle;
            else low = middle + 1;
        }
    }

    private bool Try(string change, Candidate candidate, bool canHeal)
    {
        if (Measure(change, candidate, isHealed: false)) return true;
        if (!canHeal || _options.HealEpochs == 0) return false;
        _healing ??= new Healing(_model, _work, _input.Stage, _task, _data, _options, _start.Tokenizer, _measure);
        var healed = _healing.Heal(candidate, Tell, _cancellation);
        return Measure(change, healed, isHealed: true);
    }

    private bool Measure(string change, Candidate candidate, bool isHealed)
    {
        _cancellation.ThrowIfCancellationRequested();
        var folder = Path.Combine(_work, "candidate");
        candidate.Save(folder, _start.StoredType, _start.Tokenizer);
        var figures = _measure.Measure(folder, _data.Deciding, null, _cancellation);
        Directory.Delete(folder, recursive: true);
        var isWithin = _before.Score - figures.Score <= _options.MaxLoss + Rounding;
        _steps.Add(new CompressionStep(
            _kind, change, figures, isWithin ? CompressionOutcome.Kept : CompressionOutcome.LostTooMuch, isHealed));
        if (isWithin) (_current, _after) = (candidate, figures);
        _progress?.Report(new CompressionProgress(_kind, FractionOf(0), _steps[^1]));
        return isWithin;
    }

    private void PrepareExamples()
    {
        CompressionData.Write(
            _input.Stage.Data[0].File, _data.ForImportance, _options.Data.File, _task.Problem,
            _task.LabelsOf(_current.Configuration, _options));
        var pair = _data.ForImportance[0].Pair is null ? null : "pair";
        var stage = _input.Stage with { Data = [_input.Stage.Data[0] with { Pair = pair, Format = TableFormat.JsonLines }] };
        _examples = stage.Task.Read(_input with { Stage = stage }, _cancellation);
    }

    private ModelPruning Pruning() => PruningOf(_current);

    private ModelPruning PruningOf(Candidate model) => new(_input, _examples!, model.Configuration, model.Tensors, _pool);

    private Candidate Of(ModelPruning pruning) =>
        _current with { Configuration = pruning.Configuration, Tensors = pruning.Tensors };

    private void Begin(string kind)
    {
        _kind = kind;
        Tell(0);
    }

    // Of what was kept of a kind, the last is what the model has.
    private void End()
    {
        var own = Enumerable.Range(0, _steps.Count).Where(i => _steps[i].Kind == _kind).ToList();
        var kept = own.Where(i => _steps[i].Outcome == CompressionOutcome.Kept).ToList();
        foreach (var i in kept.SkipLast(1)) _steps[i] = _steps[i] with { Outcome = CompressionOutcome.Surpassed };
        if (own.Count > 0 && kept.Count == 0)
            _leftAlone.Add(new CompressionRemark(_kind, Invariant($"all that was tried loses more than {_options.MaxLoss} points")));
    }

    private void Tell(double share) => _progress?.Report(new CompressionProgress(_kind, FractionOf(share), null));

    private double FractionOf(double share) => (Array.IndexOf(Kinds, _kind) + share) / Kinds.Length;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
