using System.Diagnostics;
using System.Globalization;
using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Objectives;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Optimization;
using SqueezeBert.Training.Tasks;

namespace SqueezeBert.Training.Running;

/// <summary>
/// The loop of a stage: steps, evaluations and checkpoints. Everything that determines the next step is in <see cref="StageState"/> or
/// follows from the recipe.
/// </summary>
internal sealed class StageRun : IDisposable
{
    private const double SpeedMemory = 0.95;
    private const double MaxMeasuringSeconds = 5;

    private readonly StageRecipe _stage;
    private readonly StageSchedule _schedule;
    private readonly StageData _data;
    private readonly StageModel _model;
    private readonly StageState _state;
    private readonly CheckpointStore _checkpoints;
    private readonly StageReporter _reporter;
    private readonly ulong _seed;
    private readonly StageLearning _learning;
    private readonly WeightCopy? _copy;
    private readonly IReadOnlyList<NamedTensor> _others;
    private readonly Objective _objective;
    private readonly Optimizer _optimizer;
    private readonly WeightAverage? _average;
    private readonly MicroBatchBuilder _builder;
    private readonly StageEvaluator _evaluator;
    private readonly Stopwatch _clock = new();
    private Dictionary<string, float[]>? _best;
    private EpochOrder _order = null!;
    private double _lastCheckpoint;
    private double _tokensPerSecond;
    private bool _exhausted;

    /// <param name="input">The stage.</param>
    /// <param name="data">Its examples.</param>
    /// <param name="model">What is trained.</param>
    /// <param name="parts">Where its parameters stand.</param>
    /// <param name="others">Tensors that go along without being part of the model; a checkpoint has them too.</param>
    /// <param name="state">Where the stage stands.</param>
    /// <param name="checkpoints">Takes the checkpoints.</param>
    /// <param name="copy">A second place for the weights, or null.</param>
    /// <param name="reporter">Told of everything.</param>
    /// <param name="seed">The recipe's.</param>
    public StageRun(
        StageInput input, StageData data, StageModel model, ModelParts parts, IReadOnlyList<NamedTensor> others, StageState state,
        CheckpointStore checkpoints, WeightCopy? copy, StageReporter reporter, ulong seed)
    {
        var stage = input.Stage;
        _stage = stage;
        _schedule = new StageSchedule(stage);
        _data = data;
        _model = model;
        _state = state;
        _checkpoints = checkpoints;
        _reporter = reporter;
        _seed = HashedNumbers.Mix(seed + (ulong)state.Stage);
        _copy = copy;
        _others = others;
        _learning = stage.Task.CreateLearning(input, data, model.Configuration, model.Training);
        _objective = new Objective(model.Training, _learning.Terms);
        _optimizer = Optimizer.Create(
            stage.Algorithm, model.Parameters, stage.Optimizer, model.Training.Pool,
            stage.LayerDecay == 1 ? null : parameter => parts.RateFactor(parameter, stage.LayerDecay));
        if (stage.WeightAverage is { } decay) _average = new WeightAverage(model.Parameters, decay, model.Training.Pool);
        _builder = new MicroBatchBuilder(_learning.Writer, stage.MicroBatchTokens);
        _evaluator = new StageEvaluator(stage, data.HeldOut, _learning);
    }

    /// <summary>The last evaluation of the weights that the stage ends with.</summary>
    public EvaluationSummary? Evaluation => _state.Evaluation;

    /// <summary>The step whose weights the stage ends with.</summary>
    public long KeptStep => _stage.KeepBest && _best is not null ? _state.BestStep : _state.Step;

    private double Seconds => _state.Seconds + _clock.Elapsed.TotalSeconds;

    /// <summary>Puts back the tensors of a checkpoint.</summary>
    public void Restore(Checkpoint checkpoint)
    {
        foreach (var parameter in _model.Parameters.Parameters)
        {
            Tensor("parameter").CopyTo(_model.Parameters.ValueSpan(parameter));
            if (_model.Parameters.IsTrainable(parameter))
            {
                Tensor("first_moment").CopyTo(_optimizer.FirstMoment(parameter));
                Tensor("second_moment").CopyTo(_optimizer.SecondMoment(parameter));
                if (_average is not null) Tensor("average").CopyTo(_average.Mean(parameter));
            }

            if (checkpoint.Tensors.ContainsKey($"best/{parameter.Name}")) (_best ??= []).Add(parameter.Name, Tensor("best"));

            float[] Tensor(string group) =>
                checkpoint.Tensors.TryGetValue($"{group}/{parameter.Name}", out var values) && values.Length == parameter.Length
                ? values
                : throw new InvalidModelFileException(checkpoint.Path, $"{group}/{parameter.Name}",
                    $"is missing or not of the shape [{string.Join(", ", parameter.Shape)}]; the checkpoint is of another model");
        }

        _optimizer.StepCount = _state.OptimizerSteps;
        _lastCheckpoint = _state.Seconds;
    }

    /// <summary>Runs to the end of the stage. When <paramref name="cancellationToken"/> fires, saves a checkpoint and throws.</summary>
    /// <param name="saveAtEnd">Whether the end is worth a checkpoint: another stage follows.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between steps and in evaluations.</param>
    public void Run(bool saveAtEnd, CancellationToken cancellationToken)
    {
        try
        {
            Run(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Save();
            throw;
        }

        if (saveAtEnd) Save();
        if (_stage.KeepBest && _best is not null) _model.Load(_best);
        else _average?.Swap();
        PauseClock();
    }

    /// <summary>Writes a checkpoint of where the stage stands.</summary>
    public void Save()
    {
        PauseClock();
        var parameters = _model.Parameters.Parameters;
        var path = _checkpoints.Save(
            _state,
            [.. parameters.SelectMany(parameter => (NamedTensor[])
            [
                CheckpointStore.Tensor("parameter", parameter, _model.Parameters.ValueSpan(parameter)),
                .. _model.Parameters.IsTrainable(parameter) ? (NamedTensor[])
                [
                    CheckpointStore.Tensor("first_moment", parameter, _optimizer.FirstMoment(parameter)),
                    CheckpointStore.Tensor("second_moment", parameter, _optimizer.SecondMoment(parameter)),
                    .. _average is null ? (NamedTensor[])[]
                        : [CheckpointStore.Tensor("average", parameter, _average.Mean(parameter))],
                ] : [],
                .. _best?.TryGetValue(parameter.Name, out var best) == true
                    ? (NamedTensor[])[CheckpointStore.Tensor("best", parameter, best)] : [],
            ]), .. _others.Select(CheckpointStore.Other)],
            _stage.KeepCheckpoints);
        _lastCheckpoint = _state.Seconds;
        _reporter.Saved(_state, $"checkpoint {path}");
        if (_copy is not null)
        {
            _average?.Swap();
            _copy.Save(_model, _state, _reporter);
            _average?.Swap();
        }

        _clock.Restart();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _average?.Dispose();
        _learning.Dispose();
    }

    private void Run(CancellationToken cancellationToken)
    {
        _model.Training.PackWeights();
        _learning.Begin(message => _reporter.Message(_state, message), cancellationToken);
        _order = NewOrder();
        if (_state.Step == 0) TellExpectedTime();
        _clock.Restart();

        // A run that was interrupted in an evaluation makes up for it.
        if (IsEvaluationDue() || (_learning.MeasuresStart && _state.LastEvaluation < 0)) Evaluate(cancellationToken);
        while (!IsFinished(cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Step();
            if (IsEvaluationDue()) Evaluate(cancellationToken);
            if (IsCheckpointDue() && !IsPatienceOver()) Save();
        }

        if (_state.LastEvaluation != _state.Step) Evaluate(cancellationToken);
    }

    // A forward and a backward pass of the first batch, which change nothing: the second one tells the speed.
    private void TellExpectedTime()
    {
        if (_order.StepCount == 0) return;
        var steps = (double)(_stage.Steps ?? long.MaxValue);
        if (_stage.Epochs is { } epochs) steps = Math.Min(steps, epochs * _order.StepCount);
        var tokensOfStep = (double)_order.TokenCount / _order.StepCount;
        var tokens = Math.Min(steps * tokensOfStep, _stage.Tokens ?? double.PositiveInfinity);
        _builder.Build(_data.Train, _order.Examples(0, _data.Train), 0);
        var batch = _builder.Batches[0];
        var seconds = 0.0;
        for (var pass = 0; pass < 2 && seconds < MaxMeasuringSeconds; pass++)
        {
            var started = Stopwatch.GetTimestamp();
            _learning.BeginStep(0);
            _objective.Begin();
            _objective.Count(batch.Batch, batch.Labels);
            _model.Training.ClearGradients();
            _learning.Prepare(batch);
            _model.Training.Forward(batch.Batch, new DropoutKey(_seed, 0, batch.FirstText));
            _objective.AddGradients(batch.Labels);
            _model.Training.Backward();
            seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        }

        var speed = batch.Batch.TokenCount / seconds;
        var expected = Math.Min(tokens / speed, 60 * (_stage.Minutes ?? double.PositiveInfinity));
        _reporter.Expected(_state, Math.Min(tokens, expected * speed), TimeSpan.FromSeconds(Math.Min(expected, 1e9)));
    }

    private void Step()
    {
        var started = Stopwatch.GetTimestamp();
        var fraction = Fraction();
        var rate = _schedule.LearningRate(_state.Step, fraction);
        var examples = _order.Examples(_state.Position, _data.Train);
        var count = _builder.Build(_data.Train, examples, HashedNumbers.Mix(_seed ^ HashedNumbers.Mix((ulong)_state.Epoch + 0xA5C)));
        var training = _model.Training;
        _learning.BeginStep(fraction);
        _objective.Begin();
        for (var i = 0; i < count; i++) _objective.Count(_builder.Batches[i].Batch, _builder.Batches[i].Labels);
        training.ClearGradients();
        var tokens = 0;
        for (var i = 0; i < count; i++)
        {
            var batch = _builder.Batches[i];
            _learning.Prepare(batch);
            training.Forward(batch.Batch, new DropoutKey(_seed, _state.Step, batch.FirstText));
            _objective.AddGradients(batch.Labels);
            if (!double.IsFinite(_objective.Value))
            {
                throw new InvalidOperationException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"stage '{_stage.Name}': the loss is {_objective.Value} at step {_state.Step + 1}; the training has diverged, lower " +
                        $"learning_rate ({_stage.LearningRate}) or clip"));
            }

            training.Backward();
            tokens += batch.Batch.TokenCount;
        }

        var norm = _optimizer.Step(rate, _stage.Clip);
        _average?.Add(_state.Step + 1);
        training.PackTrainableWeights();
        _state.Step++;
        _state.Position++;
        _state.Tokens += tokens;
        _state.OptimizerSteps = _optimizer.StepCount;
        var speed = tokens / Stopwatch.GetElapsedTime(started).TotalSeconds;
        _tokensPerSecond = _tokensPerSecond == 0 ? speed : (SpeedMemory * _tokensPerSecond) + ((1 - SpeedMemory) * speed);
        _reporter.Step(_state, Fraction(), Seconds, _objective.Value, rate, norm, _tokensPerSecond);
    }

    // Cancelled, it leaves the state as it was.
    private void Evaluate(CancellationToken cancellationToken)
    {
        if (!_evaluator.HasExamples) return;
        SwapAverage();
        try
        {
            EvaluateWeights(cancellationToken);
        }
        finally
        {
            SwapAverage();
        }
    }

    // What is evaluated and may be kept: the mean of the weights where there is one.
    private void SwapAverage()
    {
        if (_average is null) return;
        _average.Swap();
        _model.Training.PackTrainableWeights();
    }

    private void EvaluateWeights(CancellationToken cancellationToken)
    {
        var result = _evaluator.Evaluate(_model, cancellationToken);
        var score = _stage.Task.Score(result);
        var best = double.IsFinite(score) && double.IsFinite(result.Loss)
            && (_state.BestScore is null || score > _state.BestScore || (score == _state.BestScore && result.Loss < _state.BestLoss));
        _state.LastEvaluation = _state.Step;
        _state.Evaluations++;

        // One that predicted nothing does not tell that the weights have become worse.
        if (best) _state.EvaluationsSinceBest = 0;
        else if (result.Examples > 0) _state.EvaluationsSinceBest++;
        if (best)
        {
            _state.BestScore = score;
            _state.BestLoss = result.Loss;
            _state.BestStep = _state.Step;
            if (_stage.KeepBest) _best = _model.Values();
        }

        if (best || !_stage.KeepBest || Evaluation is null) _state.Evaluation = result;
        _reporter.Evaluation(_state, Seconds, result, best);
    }

    // The end of an epoch is where the next step begins, so that a checkpoint never stands between the two.
    private bool IsFinished(CancellationToken cancellationToken)
    {
        while (!_exhausted && _state.Position >= _order.StepCount)
        {
            if (_stage.EvaluateEvery == 0 && _state.LastEvaluation != _state.Step) Evaluate(cancellationToken);
            _state.Epoch++;
            _state.Position = 0;
            if (IsPatienceOver() || (_stage.Epochs is { } epochs && _state.Epoch >= epochs))
            {
                _exhausted = true;
                break;
            }

            // Weights far below one can leave many epochs without an example.
            cancellationToken.ThrowIfCancellationRequested();
            _order = NewOrder();
        }

        return _exhausted || IsPatienceOver() || Fraction() >= 1;
    }

    private double Fraction() => _schedule.Fraction(
        _state, _state.Position >= _order.StepCount ? 1 : _order.Position(_state.Position), Seconds);

    private bool IsEvaluationDue() =>
        _stage.EvaluateEvery > 0 && _state.Step > 0 && _state.Step % _stage.EvaluateEvery == 0 && _state.LastEvaluation != _state.Step;

    private bool IsPatienceOver() => _stage.Patience > 0 && _state.EvaluationsSinceBest >= _stage.Patience;

    private bool IsCheckpointDue() =>
        (_stage.CheckpointSteps > 0 && _state.Step % _stage.CheckpointSteps == 0)
        || (_stage.CheckpointMinutes > 0 && Seconds - _lastCheckpoint >= 60 * _stage.CheckpointMinutes);

    private EpochOrder NewOrder() => new(_data, _stage.BatchSize, _stage.BatchTokens, _seed, _state.Epoch);

    private void PauseClock()
    {
        _state.Seconds += _clock.Elapsed.TotalSeconds;
        _clock.Reset();
    }
}
