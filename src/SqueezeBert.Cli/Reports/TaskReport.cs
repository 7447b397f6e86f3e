using System.Globalization;
using System.Text.Json.Nodes;
using SqueezeBert.Measuring;

namespace SqueezeBert.Cli.Reports;

/// <summary>Scores of models on tasks beside what they cost, for a document and for programs.</summary>
/// <param name="tasks">Name and figure of each task, in the order of the columns.</param>
internal sealed class TaskReport(IReadOnlyList<(string Name, string Figure)> tasks)
{
    private const double Mega = 1e6;

    /// <summary>Writes a Markdown table; scores in hundredths, "-" where a model does not fit a task.</summary>
    /// <param name="output">Takes the lines.</param>
    /// <param name="models">What each model costs, and its scores in the order of the tasks.</param>
    /// <param name="baselines">Names of what needs no network, and their scores.</param>
    public void WriteMarkdown(
        TextWriter output, IReadOnlyList<(ModelMeasurement Cost, IReadOnlyList<double?> Scores)> models,
        IReadOnlyList<(string Name, IReadOnlyList<double?> Scores)> baselines)
    {
        string[] costs = ["parameters", $"M multiply-adds at {ModelComparison.FlopTokens}", "file MB",
            .. ModelComparison.Lengths.Select(length => $"ms at {length}")];
        Row(["model", .. costs, .. tasks.Select(task => $"{task.Name} ({task.Figure})")]);
        Row(["---", .. Enumerable.Repeat("---:", costs.Length + tasks.Count)]);
        foreach (var (cost, scores) in models)
        {
            Row([cost.Path, cost.Parameters.ToString("N0", CultureInfo.InvariantCulture), Number(cost.Flops / (2 * Mega), 0),
                Number(cost.FileBytes / Mega, 1), .. cost.Times.Select(time => Number(time.Milliseconds, 2)),
                .. scores.Select(score => Number(100 * score, 2))]);
        }

        foreach (var (name, scores) in baselines)
            Row([$"{name} (no network)", .. costs.Select(_ => "-"), .. scores.Select(score => Number(100 * score, 2))]);

        void Row(IReadOnlyList<string> cells) =>
            output.Write($"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |\n");
    }

    /// <summary>The object of a model: that of `compare` with "multiply_adds" and "scores" [{task, figure, score}].</summary>
    public JsonObject Json(ModelMeasurement cost, IReadOnlyList<double?> scores)
    {
        var json = ComparisonReport.Json(cost);
        json["multiply_adds"] = new JsonObject { ["tokens"] = ModelComparison.FlopTokens, ["count"] = cost.Flops / 2 };
        json["scores"] = Scores(scores);
        return json;
    }

    /// <summary>The object of what needs no network: "model" and "scores".</summary>
    public JsonObject Json(string baseline, IReadOnlyList<double?> scores) => new()
    {
        ["model"] = baseline,
        ["scores"] = Scores(scores),
    };

    private static string Number(double? value, int digits) =>
        value is { } number && double.IsFinite(number) ? number.ToString($"N{digits}", CultureInfo.InvariantCulture) : "-";

    private JsonArray Scores(IReadOnlyList<double?> scores) => new([.. tasks.Zip(scores, (task, score) => new JsonObject
    {
        ["task"] = task.Name,
        ["figure"] = task.Figure,
        ["score"] = score is { } number && double.IsFinite(number) ? number : null,
    })]);
}
