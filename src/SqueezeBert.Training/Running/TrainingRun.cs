using System.Diagnostics;
using SqueezeBert.Checkpoints;
using SqueezeBert.Memory;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Optimization;
using SqueezeBert.Training.Recipes;
using SqueezeBert.Training.Tasks;

namespace SqueezeBert.Training.Running;

/// <summary>A run of a recipe: its stages in order, each from the weights of the one before.</summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly Recipe _recipe;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly OutputFolder _output;
    private readonly CheckpointStore _checkpoints;
    private readonly WorkerPool _pool;
    private readonly StartingPoint _start;
    private readonly OutputLock _lock;
    private IReadOnlyDictionary<string, string> _inputs = new Dictionary<string, string>();

    public TrainingRun(Recipe recipe, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        StageNames.Check(recipe);
        _recipe = recipe;
        _progress = progress;
        _cancellation = cancellationToken;
        _output = new OutputFolder(recipe.Output);
        _checkpoints = new CheckpointStore(_output);
        _lock = new OutputLock(recipe.Output, recipe.File);
        try
        {
            _start = new StartingPoint(recipe);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }

        _pool = new WorkerPool(recipe.Threads > 0 ? recipe.Threads : WorkerPool.DefaultThreadCount);
    }

    public TrainingResult Execute(bool resume)
    {
        NativeBuffer.ResetPeak();
        var checkpoint = FindCheckpoint(resume);
        using var metrics = new MetricsFile(Path.Combine(_recipe.Output, "metrics.jsonl"), append: checkpoint is not null);
        if (checkpoint?.State.Start is { } start) _start.Restore(start, checkpoint.Others);
        var finished = new List<StageResult>(checkpoint?.State.Finished ?? []);
        for (var index = checkpoint?.State.Stage ?? 0; index < _recipe.Stages.Count; index++)
        {
            RunStage(index, checkpoint, finished, metrics);
            checkpoint = null;
        }

        _checkpoints.Clear();
        using var process = Process.GetCurrentProcess();
        return new TrainingResult(_recipe.Output, finished)
        {
            PeakWorkingSet = process.PeakWorkingSet64,
            PeakNativeBytes = NativeBuffer.PeakBytes,
        };
    }

    public void Dispose()
    {
        _pool.Dispose();
        _lock.Dispose();
    }

    private Checkpoint? FindCheckpoint(bool resume)
    {
        _output.Check(_recipe.File, resume);
        if (_recipe.CopyTo is { } copy) WeightCopy.Check(copy, _recipe.File, resume);
        var checkpoint = resume ? _checkpoints.LoadLatest() : null;
        var first = checkpoint?.State.Stage ?? 0;
        var inputs = new InputFingerprints(_recipe, first, _cancellation);
        _inputs = inputs.Hashes;
        if (checkpoint is null) return null;
        if (checkpoint.State.Fingerprint != _recipe.Fingerprint || checkpoint.State.Stage >= _recipe.Stages.Count)
            throw new RecipeException(_recipe.File, null,
                $"has changed since checkpoint {checkpoint.Path} was written; restore it, or delete '{_output.CheckpointFolder}' to " +
                    "start anew");
        if (checkpoint.State.Inputs is not { } before) return checkpoint;
        if (inputs.FirstChange(before) is var (field, reason))
            throw new RecipeException(_recipe.File, field,
                $"{reason} when the run of checkpoint {checkpoint.Path} began; put back what was there, or delete " +
                    $"'{_output.CheckpointFolder}' to start anew");
        _inputs = before;
        return checkpoint;
    }

    private void RunStage(int index, Checkpoint? checkpoint, List<StageResult> finished, MetricsFile metrics)
    {
        var stage = Complete(_recipe.Stages[index], index);
        var state = checkpoint?.State ?? new StageState
        {
            Fingerprint = _recipe.Fingerprint,
            Stage = index,
            Start = _start.Configuration,
        };
        state.Inputs ??= _inputs;
        if (checkpoint is null) state.Finished.AddRange(finished);
        var reporter = new StageReporter(_recipe, stage, index, metrics, _progress);
        var input = new StageInput(stage, _recipe.File, _recipe.DataRoot, _start.Tokenizer, _start.KnownLabels(stage.Head))
        {
            NamedHeads = _start.Configuration.NamedHeads,
            Tell = message => reporter.Message(state, message),
        };
        var isPruned = stage.Prune is not null && checkpoint is null;
        stage.Task.CheckModel(input, isPruned ? ModelPruning.Shape(_start.Configuration, stage.Prune!, input.Error) : _start.Configuration);
        input = input with { KnownLabels = TeacherChecks.Labels(stage) ?? input.KnownLabels };
        var writer = new ModelWriter(_start, _recipe, stage);
        var copy = _recipe.CopyTo is { } folder ? new WeightCopy(folder, writer) : null;
        reporter.Message(state, "reading data");
        var data = stage.Task.Read(input, _cancellation);
        state.Labels = data.Labels;
        var (overlap, overlapHead) = MeasureOverlap(stage, data, state, reporter);
        var baseline = stage.Baseline ? LinearBaseline.Of(input, data, _cancellation) : null;
        if (baseline is not null) reporter.Message(state, BaselineText(baseline));
        if (isPruned) Prune(input, data, state, reporter);
        var configuration = _start.Configure(stage, data);
        var parts = new ModelParts(configuration);
        using var model = new StageModel(configuration, input, _pool, parts);
        var taken = checkpoint is null ? _start.Initialize(model, stage, _recipe.Seed) : null;
        if (taken is not null)
            stage.Task.InitializeHead(stage, data, model.Graph, model.Parameters, taken.Random.Select(tensor => tensor.Name).ToHashSet());
        using var run = new StageRun(
            input, data, model, parts, _start.Others(model, stage), state, _checkpoints, copy, reporter, _recipe.Seed);
        if (checkpoint is null)
        {
            reporter.Message(state, $"{Summary(data, model)}, {taken}");
        }
        else
        {
            run.Restore(checkpoint);
            reporter.Message(state, $"{Summary(data, model)}, resumed from {checkpoint.Path}");
        }

        if (data.Train.Count == 0) throw new RecipeException(
            _recipe.File, $"stages[{index}].data", "has no examples to train on (all of them may be held out: see held_out)");
        if (index > 0 && checkpoint is null) run.Save();
        run.Run(saveAtEnd: index < _recipe.Stages.Count - 1, _cancellation);
        var last = index == _recipe.Stages.Count - 1;
        var target = last ? _recipe.Output : Path.Combine(_recipe.Output, "stages", stage.Name);
        if (last) SaveResult(writer, target, model, state, reporter);
        else writer.Save(target, model, TensorType.Float32);
        reporter.Saved(state, $"model {target}");
        copy?.Save(model, state, reporter);
        _start.Take(model, stage);
        finished.Add(new StageResult(stage.Name, state.Step, state.Tokens, TimeSpan.FromSeconds(state.Seconds), run.Evaluation)
        {
            KeptStep = run.KeptStep,
            Evaluations = state.Evaluations,
            BaselineAccuracy = baseline?.Accuracy,
            Overlap = overlap,
            OverlapHead = overlapHead,
        });
    }

    // A checkpoint begins with the smaller model.
    private void Prune(StageInput input, StageData data, StageState state, StageReporter reporter)
    {
        if (data.Train.Count == 0) return;
        reporter.Message(state, "measuring what the loss depends on");
        var layers = _start.Prune(input, data, _pool, _cancellation);
        state.Start = _start.Configuration;
        var after = _start.Configuration;
        var heads = Enumerable.Range(0, after.LayerCount).Select(after.HeadsOf).DefaultIfEmpty(after.HeadCount).Max();
        reporter.Message(state, FormattableString.Invariant(
            $"pruned to layers {string.Join(", ", layers)} with {heads} heads and {after.IntermediateSize:N0} channels inside"));
    }

    private StageRecipe Complete(StageRecipe stage, int index) => stage.Task.Complete(stage, _recipe.From,
        (field, reason) => new RecipeException(_recipe.File, field == "from" ? field : $"stages[{index}].{field}", reason));

    // A distillation has no labels to give away. Each head is evaluated and compared on its own data.
    private (double? Share, string? Head) MeasureOverlap(StageRecipe stage, StageData data, StageState state, StageReporter reporter)
    {
        if (data.HeldOut.Count == 0 || stage.Task.HasTeacher) return (null, null);
        var largest = (Share: 0d, Head: stage.Heads.FirstOrDefault()?.Name);
        for (var i = 0; i < data.Parts.Count; i++)
        {
            var share = SplitOverlap.Share(data.Parts[i].Train, data.Parts[i].HeldOut, _start.Tokenizer);
            var head = stage.Task.HasHeads ? stage.Heads[i].Name : null;
            if (share > StageResult.MaxOverlap) reporter.Message(state, OverlapText(share, head));
            if (share > largest.Share) largest = (share, head);
        }

        return largest;
    }

    private void SaveResult(ModelWriter writer, string target, StageModel model, StageState state, StageReporter reporter)
    {
        var type = writer.SaveResult(target, model);
        if (_recipe.Precision is null && type != _start.StoredType)
            reporter.Message(state, $"a weight is beyond the range of {_start.StoredType}, the type of the start: saved as {type}");
    }

    private static string BaselineText(LinearBaseline baseline) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"a linear model on words and pairs of words has accuracy {100 * baseline.Accuracy:F1} % ({baseline.Time.TotalSeconds:F1} s)");

    private static string OverlapText(double share, string? head) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"warning: {100 * share:F0} % of the evaluated texts{(head is null ? "" : $" of the head '{head}'")} are nearly the same as " +
            $"texts that are trained on, or parts of them, so the figures will be too good; evaluate on a file of other texts, or name " +
            $"the column of what belongs together as the group");

    private static string Summary(StageData data, StageModel model)
    {
        var (all, trained) = (model.Parameters.Parameters, model.Parameters.Trainable);
        var frozen = all.Count == trained.Count ? "" : Invariant($", of which {trained.Sum(parameter => parameter.Length):N0} are trained");
        return Invariant($"{data.Train.Count:N0} examples of {data.Train.TokenCount:N0} tokens, {data.HeldOut.TextCount:N0} texts held ") +
            Invariant($"out, {all.Sum(parameter => parameter.Length):N0} parameters{frozen}");
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
