using System.Text;
using System.Text.Json;

namespace SqueezeBert.Evaluation.Tests;

/// <summary>What a classifier with a label for "cannot tell" answers, counted by hand.</summary>
public sealed class RefusalReportTests
{
    /// <summary>Answers with their labels, best first: two right, one wrong, two refused of which one would have been right.</summary>
    private static readonly (string[] Said, string Label)[] Answers =
    [
        (["positive", "neutral", "negative"], "positive"), (["negative", "positive", "neutral"], "negative"),
        (["positive", "negative", "neutral"], "negative"), (["neutral", "negative", "positive"], "negative"),
        (["neutral", "positive", "negative"], "negative"), (["positive", "neutral", "negative"], "neutral"),
    ];

    [Fact]
    public void TheSharesAreThoseOfTheTextsThatHaveAnotherLabel()
    {
        var report = Report();
        Assert.Equal((5L, 0.6, 2.0 / 3, 0.6), (report.Examples, report.Coverage, report.AnsweredAccuracy, report.ForcedAccuracy));
        Assert.Equal(
            [("coverage", 0.6), ("answered_accuracy", 2.0 / 3), ("forced_accuracy", 0.6)], report.Figures());
    }

    [Fact]
    public void ItIsWrittenAsJsonAndAsText()
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes)) Report().WriteJson(writer);
        using var json = JsonDocument.Parse(Encoding.UTF8.GetString(bytes.ToArray()));
        Assert.Equal(
            ["examples", "coverage", "answered_accuracy", "forced_accuracy"],
            json.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Equal(5, json.RootElement.GetProperty("examples").GetInt32());

        // Each share is under its heading.
        using var text = new StringWriter();
        (Report() with { Coverage = 0.25, ForcedAccuracy = 0.75 }).WriteText(text);
        Assert.Equal(
            ["texts", "answered", "right of these", "right without refusals", "5", "25.00", "66.67", "75.00"],
            text.ToString().Split(["  ", "\n", "\r"], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    [Fact]
    public void WithoutTextsThatAreAnsweredTheAccuracyOfAnswersIsNoNumber()
    {
        var refused = RefusalReport.Of([Answer(["neutral", "positive"])], ["positive"], "neutral");
        Assert.Equal((1L, 0.0, double.NaN, 1.0), (refused.Examples, refused.Coverage, refused.AnsweredAccuracy, refused.ForcedAccuracy));
    }

    [Fact]
    public void AsManyLabelsAsAnswersAreNeeded()
    {
        var error = Assert.Throws<ArgumentException>(() => RefusalReport.Of([Answer(["a"])], ["a", "b"], "b"));
        Assert.Contains("2 labels for 1 texts", error.Message, StringComparison.Ordinal);
    }

    private static RefusalReport Report() => RefusalReport.Of(
        [.. Answers.Select(answer => Answer(answer.Said))], [.. Answers.Select(answer => answer.Label)], "neutral");

    /// <summary>An answer with falling scores.</summary>
    private static Classification Answer(string[] labels) =>
        new()
        {
            Labels = [.. labels.Select((label, i) => new LabelScore { Label = label, Score = 0.6f - (0.2f * i) })],
            Read = default,
        };
}
