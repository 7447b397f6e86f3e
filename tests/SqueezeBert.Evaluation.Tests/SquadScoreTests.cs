using System.Text.Json;

namespace SqueezeBert.Evaluation.Tests;

public sealed class SquadScoreTests
{
    private const double Tolerance = 1e-14;

    private static readonly JsonElement Scores = Golden.Read("squad-scores.json");

    [Fact]
    public void TextsAreNormalizedAsTheScriptsDo()
    {
        var pairs = Scores.GetProperty("normalized").EnumerateArray().ToList();
        Assert.Equal(31, pairs.Count);
        Assert.All(pairs, pair => Assert.Equal(pair[1].GetString(), SquadMetrics.Normalize(pair[0].GetString()!)));
    }

    [Fact]
    public void TheF1OfPairsEqualsThatOfTheScripts() => Assert.All(Scores.GetProperty("pairs").EnumerateArray(), pair =>
    {
        var (prediction, answer) = (pair.GetProperty("prediction").GetString()!, pair.GetProperty("answer").GetString()!);
        Assert.Equal(pair.GetProperty("v1").GetDouble(), SquadMetrics.F1(prediction, answer, SquadVersion.V1), Tolerance);
        Assert.Equal(pair.GetProperty("v2").GetDouble(), SquadMetrics.F1(prediction, answer, SquadVersion.V2), Tolerance);
    });

    [Fact]
    public void ScoresOfVersion1EqualTheScript()
    {
        var report = new SquadReport(SquadVersion.V1);
        foreach (var question in Scores.GetProperty("questions").EnumerateArray())
        {
            if (question.GetProperty("answers").GetArrayLength() > 0) Add(report, question);
        }

        Compare(Scores.GetProperty("v1"), report, expected: 2);
        Assert.True(report.Missing > 0);
    }

    [Theory]
    [InlineData("0.0", 0)]
    [InlineData("1.0", 1)]
    [InlineData("-2.5", -2.5)]
    public void ScoresOfVersion2EqualTheScript(string name, double threshold)
    {
        var report = new SquadReport(SquadVersion.V2, threshold);
        foreach (var question in Scores.GetProperty("questions").EnumerateArray()) Add(report, question);
        Compare(Scores.GetProperty("v2").GetProperty(name), report, expected: 10);
        Assert.True(report.Missing > 0);
    }

    [Fact]
    public void WithoutNullOddsThereIsNoBestThreshold()
    {
        var report = new SquadReport(SquadVersion.V2);
        report.Add(["Paris"], "paris.");
        Assert.Equal(["exact", "f1", "HasAns_exact", "HasAns_f1"], report.Figures().Select(figure => figure.Name));
        Assert.All(report.Figures(), figure => Assert.Equal(1, figure.Value));
    }

    [Fact]
    public void TheReportIsJsonAndText()
    {
        var report = new SquadReport(SquadVersion.V2, 0);
        report.Add(["Paris"], "Lyon", -1);
        report.Add([], "Nice", 2);
        report.Add([], null);
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) report.WriteJson(writer);
        using var json = JsonDocument.Parse(stream.ToArray());
        Assert.Equal(2, json.RootElement.GetProperty("examples").GetInt32());
        Assert.Equal(1, json.RootElement.GetProperty("missing").GetInt32());
        Assert.Equal(0.5, json.RootElement.GetProperty("exact").GetDouble());
        using var text = new StringWriter();
        report.WriteText(text);
        Assert.StartsWith("questions 2\nwithout a prediction 1\nexact 50.00\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("best_exact_thresh 0.0000\n", text.ToString(), StringComparison.Ordinal);
    }

    private static void Add(SquadReport report, JsonElement question) => report.Add(
        Golden.Strings(question.GetProperty("answers")), question.GetProperty("prediction").GetString(),
        question.GetProperty("null_odds") is { ValueKind: JsonValueKind.Number } odds ? odds.GetDouble() : null);

    private static void Compare(JsonElement golden, SquadReport report, int expected)
    {
        var compared = 0;
        foreach (var (name, value) in report.Figures())
        {
            var scale = name.EndsWith("_thresh", StringComparison.Ordinal) ? 1 : 100;
            Assert.Equal(golden.GetProperty(name).GetDouble(), scale * value, 1e-12);
            compared++;
        }

        Assert.Equal(expected, compared);
    }
}
