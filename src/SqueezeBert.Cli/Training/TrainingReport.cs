using System.Globalization;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Training;

namespace SqueezeBert.Cli.Training;

/// <summary>What a training came to: a table of its stages, where the model is, how to try it.</summary>
internal static class TrainingReport
{
    public static void Write(TextWriter output, Recipe recipe, TrainingResult result)
    {
        var stages = new TextTable("stage", "steps>", "tokens>", "time>", "held out>", "loss>", "accuracy>");
        foreach (var stage in result.Stages)
        {
            stages.Add(
                stage.Name, Count(stage.Steps), Count(stage.Tokens), ProgressText.Time(stage.Time),
                stage.Evaluation is { } evaluation ? Count(evaluation.Examples) : "-",
                stage.Evaluation is { Examples: > 0 } measured ? measured.Loss.ToString("F4", CultureInfo.InvariantCulture) : "-",
                stage.Evaluation?.Accuracy is { } accuracy ? ProgressText.Percent(accuracy) : "-");
        }

        stages.Write(output);
        WriteFiles(output, result.Stages);
        output.WriteLine();
        foreach (var (stage, plan) in result.Stages.Zip(recipe.Stages.TakeLast(result.Stages.Count))) WriteKept(output, stage, plan);
        foreach (var stage in result.Stages.Where(stage => stage.Overlap > StageResult.MaxOverlap))
            output.Write(
                $"\n{stage.Name}: {ProgressText.Percent(stage.Overlap!.Value)} of the evaluated texts" +
                    $"{(stage.OverlapHead is { } head ? $" of the head '{head}'" : "")} are nearly the same as texts that were trained " +
                    "on; other texts will fare worse\n");
        output.WriteLine();
        var size = new FileInfo(Path.Combine(result.Output, "model.safetensors")).Length;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"model: {result.Output} ({size / 1e6:F1} MB)"));
        output.WriteLine(FormattableString.Invariant(
            $"peak:  {result.PeakWorkingSet / 1e6:N0} MB of memory, {result.PeakNativeBytes / 1e6:N0} MB of it for models and steps"));
        output.WriteLine($"try:   {Next(recipe, result.Output)}");
    }

    private static void WriteKept(TextWriter output, StageResult stage, StageRecipe plan)
    {
        if (stage.Evaluation is null) return;
        if (stage.Evaluation.Examples == 0)
        {
            output.WriteLine($"{stage.Name}: the last weights were kept: no token of the held-out text was masked");
            return;
        }

        var times = stage.Evaluations == 1 ? "the only evaluation" : $"{Count(stage.Evaluations)} evaluations";
        output.WriteLine($"{stage.Name}: " + (plan.KeepBest
            ? $"the weights of step {Count(stage.KeptStep)} of {Count(stage.Steps)} were kept, the best of {times}"
            : "the last weights were kept: the evaluated texts are few, or the recipe says so (keep_best)"));
        if (stage.Evaluation.Figures.Count > 0)
            output.WriteLine($"{stage.Name}: {string.Join(", ", stage.Evaluation.Figures.Select(ProgressText.Figure))}");
        if (stage.BaselineAccuracy is not { } baseline || stage.Evaluation.Accuracy is not { } accuracy) return;
        output.WriteLine(
            $"{stage.Name}: {ProgressText.Percent(accuracy)} against {ProgressText.Percent(baseline)} of a linear model on words and " +
                $"pairs of words{(accuracy <= baseline ? ", which learns in seconds: the network was not worth it here" : "")}");
    }

    private static void WriteFiles(TextWriter output, IReadOnlyList<StageResult> stages)
    {
        var results = stages.Where(stage => stage.Evaluation?.BySource.Count > 1)
            .SelectMany(stage => stage.Evaluation!.BySource.Select(pair => (stage.Name, pair.Key, pair.Value))).ToList();
        if (results.Count == 0) return;
        output.WriteLine();
        var files = new TextTable("stage", "file", "accuracy>");
        foreach (var (stage, file, accuracy) in results) files.Add(stage, file, ProgressText.Percent(accuracy));
        files.Write(output);
    }

    private static string Next(Recipe recipe, string folder)
    {
        var stage = recipe.Stages[^1];
        return $"squeezebert {string.Join(' ', stage.Task.Trial(stage, folder).Select(CommandText.Quoted))}";
    }

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
