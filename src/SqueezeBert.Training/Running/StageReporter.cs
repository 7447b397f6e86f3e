using System.Globalization;

namespace SqueezeBert.Training.Running;

/// <summary>Tells the caller and the metrics file how a stage goes.</summary>
internal sealed class StageReporter(Recipe recipe, StageRecipe stage, int stageIndex, MetricsFile metrics,
    IProgress<TrainingProgress>? progress)
{
    private const string NothingPredicted =
        "no token of the held-out text was masked, so there is no loss and nothing to compare; evaluate on more text, or raise " +
            "mask_probability";

    private EvaluationSummary? _evaluation;
    private double _losses;
    private long _steps;

    public void Message(StageState state, string message) =>
        progress?.Report(Progress(TrainingEvent.Stage, state) with { Message = message });

    /// <summary>Tells how long the stage will take, before its first step.</summary>
    public void Expected(StageState state, double tokens, TimeSpan time) => progress?.Report(Progress(TrainingEvent.Stage, state) with
    {
        Message = string.Create(CultureInfo.InvariantCulture,
            $"{tokens:N0} tokens to train on, about {time.ToString(time.TotalDays >= 1 ? @"d\ \d\a\y\s\ h\:mm" : @"h\:mm\:ss",
                CultureInfo.InvariantCulture)} on this machine, evaluations aside"),
        Remaining = time,
    });

    public void Step(StageState state, double fraction, double seconds, double loss, double rate, double norm, double tokensPerSecond)
    {
        _losses += loss;
        _steps++;
        progress?.Report(Progress(TrainingEvent.Step, state) with
        {
            Fraction = fraction,
            Loss = loss,
            LearningRate = rate,
            GradientNorm = norm,
            TokensPerSecond = tokensPerSecond,
            Elapsed = TimeSpan.FromSeconds(seconds),
            Remaining = fraction is > 0 and <= 1 ? TimeSpan.FromSeconds(Math.Min(seconds * (1 - fraction) / fraction, 1e9)) : null,
        });
        if (state.Step % stage.LogEvery != 0) return;
        metrics.Write("step", stage.Name, state, seconds, json =>
        {
            MetricsFile.Number(json, "loss", _losses / _steps);
            json.WriteNumber("learning_rate", rate);
            MetricsFile.Number(json, "gradient_norm", norm);
            json.WriteNumber("tokens_per_second", Math.Round(tokensPerSecond));
        });
        _losses = 0;
        _steps = 0;
    }

    public void Evaluation(StageState state, double seconds, EvaluationSummary result, bool best)
    {
        _evaluation = result;
        metrics.Write("evaluation", stage.Name, state, seconds, json =>
        {
            EvaluationFields.Write(json, result);
            json.WriteBoolean("best", best);
        });
        progress?.Report(Progress(TrainingEvent.Evaluation, state) with
        {
            Loss = result.Loss,
            IsBest = best,
            Elapsed = TimeSpan.FromSeconds(seconds),
            Message = result.Examples > 0 ? null : NothingPredicted,
        });
    }

    public void Saved(StageState state, string what)
    {
        metrics.Write("saved", stage.Name, state, state.Seconds, json => json.WriteString("what", what));
        progress?.Report(Progress(TrainingEvent.Saved, state) with { Message = what, Elapsed = TimeSpan.FromSeconds(state.Seconds) });
    }

    private TrainingProgress Progress(TrainingEvent kind, StageState state) => new()
    {
        Event = kind,
        Stage = stage.Name,
        StageIndex = stageIndex,
        StageCount = recipe.Stages.Count,
        Step = state.Step,
        Epoch = state.Epoch,
        Tokens = state.Tokens,
        Evaluation = _evaluation,
    };
}
