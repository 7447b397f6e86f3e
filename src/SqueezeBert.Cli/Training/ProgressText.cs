using System.Globalization;
using SqueezeBert.Training;

namespace SqueezeBert.Cli.Training;

/// <summary>The words for what a training reports.</summary>
internal static class ProgressText
{
    /// <summary>"words (1 of 2)", or the name alone where there is one stage.</summary>
    public static string Stage(TrainingProgress progress) =>
        progress.StageCount > 1 ? $"{progress.Stage} ({progress.StageIndex + 1} of {progress.StageCount})" : progress.Stage;

    /// <summary>"loss 0.4312  12,345 tokens/s  1:02:33 left".</summary>
    /// <param name="progress">A step.</param>
    /// <param name="loss">The loss to show: a mean over some steps.</param>
    public static string Status(TrainingProgress progress, double loss)
    {
        var left = progress.Remaining is { } remaining ? $"  {Time(remaining)} left" : "";
        return string.Create(CultureInfo.InvariantCulture, $"loss {loss:F4}  {progress.TokensPerSecond:N0} tokens/s{left}");
    }

    /// <summary>A sentence for an event that is worth a line; null for steps.</summary>
    public static string? Event(TrainingProgress progress) => progress.Event switch
    {
        TrainingEvent.Stage => progress.Message,
        TrainingEvent.Evaluation when progress.Message is { } message =>
            string.Create(CultureInfo.InvariantCulture, $"step {progress.Step}: {message}"),
        TrainingEvent.Evaluation when progress.Evaluation is { } evaluation =>
            string.Create(CultureInfo.InvariantCulture,
                $"step {progress.Step}: held-out {Result(evaluation)}{(progress.IsBest ? ", the best so far" : "")}"),
        TrainingEvent.Saved => $"saved {progress.Message}",
        _ => null,
    };

    /// <summary>"loss 0.4312, accuracy 81.2 %".</summary>
    public static string Result(EvaluationSummary evaluation) =>
        string.Create(CultureInfo.InvariantCulture, $"loss {evaluation.Loss:F4}")
            + (evaluation.Accuracy is { } accuracy ? $", accuracy {Percent(accuracy)}" : "")
            + string.Concat(evaluation.Figures.Select(figure => $", {Figure(figure)}"));

    /// <summary>"effective rank 31.4": correlations and cosines with four digits, a rank with one.</summary>
    public static string Figure(KeyValuePair<string, double> figure)
    {
        var digits = figure.Key.EndsWith("rank", StringComparison.Ordinal) ? "F1" : "F4";
        return $"{figure.Key.Replace('_', ' ')} {figure.Value.ToString(digits, CultureInfo.InvariantCulture)}";
    }

    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:F1} %");

    /// <summary>Hours, minutes and seconds, as few as are needed: 0:07, 12:30, 1:02:33.</summary>
    public static string Time(TimeSpan time)
    {
        var seconds = (long)Math.Round(time.TotalSeconds);
        return seconds < 3600
            ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}:{seconds % 60:D2}")
            : string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600}:{seconds / 60 % 60:D2}:{seconds % 60:D2}");
    }
}
