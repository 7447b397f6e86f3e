using System.Text.Json;
using CsCheck;

namespace SqueezeBert.Evaluation.Tests;

public sealed class MetricsTests
{
    private const double Tolerance = 1e-14;

    [Fact]
    public void ClassificationEqualsTheReference()
    {
        using var golden = Golden();
        var compared = 0;
        foreach (var item in golden.RootElement.GetProperty("classification").EnumerateArray())
        {
            var labels = item.GetProperty("labels").EnumerateArray().Select(value => value.GetInt32()).ToArray();
            var predictions = item.GetProperty("predictions").EnumerateArray().Select(value => value.GetInt32()).ToArray();
            foreach (var property in item.EnumerateObject())
            {
                double? actual = property.Name switch
                {
                    "accuracy" => ClassificationMetrics.Accuracy(labels, predictions),
                    "matthews" => ClassificationMetrics.Matthews(labels, predictions),
                    "f1" => ClassificationMetrics.F1(labels, predictions, positive: 1),
                    "macro_f1" => ClassificationMetrics.F1(labels, predictions, Averaging.Macro),
                    "micro_f1" => ClassificationMetrics.F1(labels, predictions, Averaging.Micro),
                    _ => null,
                };
                if (actual is null) continue;
                Assert.Equal(property.Value.GetDouble(), actual.Value, Tolerance);
                compared++;
            }
        }

        Assert.Equal(28, compared);
    }

    [Fact]
    public void RegressionEqualsTheReference()
    {
        using var golden = Golden();
        var items = golden.RootElement.GetProperty("regression").EnumerateArray().ToList();
        Assert.Equal(3, items.Count);
        foreach (var item in items)
        {
            var labels = item.GetProperty("labels").EnumerateArray().Select(value => value.GetDouble()).ToArray();
            var predictions = item.GetProperty("predictions").EnumerateArray().Select(value => value.GetDouble()).ToArray();
            Assert.Equal(item.GetProperty("pearson").GetDouble(), RegressionMetrics.Pearson(labels, predictions), Tolerance);
            Assert.Equal(item.GetProperty("spearman").GetDouble(), RegressionMetrics.Spearman(labels, predictions), Tolerance);
        }
    }

    [Fact]
    public void UndefinedCorrelationsAreNotNumbers()
    {
        Assert.True(double.IsNaN(RegressionMetrics.Pearson([1, 1, 1], [1, 2, 3])));
        Assert.True(double.IsNaN(RegressionMetrics.Spearman([1, 2, 3], [2, 2, 2])));
        Assert.True(double.IsNaN(RegressionMetrics.Pearson([1], [1])));
        Assert.True(double.IsNaN(RegressionMetrics.Spearman([1, double.NaN, 3], [1, 2, 3])));
    }

    [Fact]
    public void SpearmanSharesTheRanksOfTies() =>
        // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4.
        Assert.Equal(4.5 / Math.Sqrt(4.5 * 5), RegressionMetrics.Spearman([10, 20, 20, 30], [1, 2, 3, 4]), Tolerance);

    [Fact]
    public void MeanSquaredErrorIsTheMeanOfSquares() => Assert.Equal(2.5, RegressionMetrics.MeanSquaredError([1, 2], [2, 4]));

    [Fact]
    public void PerClassScoresAndAverages()
    {
        // Truth a a a b b c, predictions a a b b c c.
        var matrix = ConfusionMatrix.Of([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 2, 2], 3);
        Assert.Equal(new ClassScores(1, 2 / 3.0, 0.8, 3, 2), matrix.Scores(0));
        Assert.Equal(new ClassScores(0.5, 0.5, 0.5, 2, 2), matrix.Scores(1));
        Assert.Equal(new ClassScores(0.5, 1, 2 / 3.0, 1, 2), matrix.Scores(2));
        Assert.Equal((0.8 + 0.5 + (2 / 3.0)) / 3, matrix.F1(Averaging.Macro), Tolerance);
        Assert.Equal(((3 * 0.8) + (2 * 0.5) + (2 / 3.0)) / 6, matrix.F1(Averaging.Weighted), Tolerance);
        Assert.Equal(4 / 6.0, matrix.F1(Averaging.Micro), Tolerance);
        Assert.Equal(1, matrix[0, 1]);
        Assert.Equal(0, matrix[1, 0]);
    }

    [Fact]
    public void AMatthewsCorrelationIsExactWherePredictionsArePerfect()
    {
        for (var classes = 2; classes <= 6; classes++)
        {
            for (var examples = classes; examples < 40; examples++)
            {
                int[] labels = [.. Enumerable.Range(0, examples).Select(i => i * i % classes)];
                Assert.Equal(1, ConfusionMatrix.Of(labels, labels, classes).Matthews);
                if (classes == 2) Assert.Equal(-1, ConfusionMatrix.Of(labels, [.. labels.Select(label => 1 - label)], 2).Matthews);
            }
        }
    }

    [Fact]
    public void AbsentClassesTakeNoPartInTheMacroAverage() => Assert.Equal(1, ConfusionMatrix.Of([0, 1], [0, 1], 3).F1(Averaging.Macro));

    [Fact]
    public void MatthewsOfTwoClassesIsPearsonOfTheIndicators() =>
        Gen.Select(Gen.Int[0, 1], Gen.Int[0, 1]).Array[2, 60].Sample(pairs =>
        {
            var labels = pairs.Select(pair => pair.Item1).ToArray();
            var predictions = pairs.Select(pair => pair.Item2).ToArray();
            var pearson = RegressionMetrics.Pearson(
                [.. labels.Select(value => (double)value)], [.. predictions.Select(value => (double)value)]);
            Assert.Equal(double.IsNaN(pearson) ? 0 : pearson, ClassificationMetrics.Matthews(labels, predictions), 1e-12);
        });

    [Fact]
    public void SizesMustAgree()
    {
        Assert.Throws<ArgumentException>(() => ClassificationMetrics.Accuracy([1], [1, 0]));
        Assert.Throws<ArgumentException>(() => RegressionMetrics.Pearson([1], [1, 0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConfusionMatrix.Of([0], [2], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConfusionMatrix.Of([-1], [0], 2));
    }

    [Fact]
    public void TheReportIsJsonAndText()
    {
        var report = new ClassificationReport(["neg", "pos"], ConfusionMatrix.Of([0, 0, 1, 1], [0, 1, 1, 1], 2));
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) report.WriteJson(writer);
        using var json = JsonDocument.Parse(stream.ToArray());
        Assert.Equal(0.75, json.RootElement.GetProperty("accuracy").GetDouble());
        Assert.Equal(0.8, json.RootElement.GetProperty("f1").GetDouble(), Tolerance);
        Assert.Equal(2, json.RootElement.GetProperty("classes")[1].GetProperty("support").GetInt32());
        Assert.Equal(1, json.RootElement.GetProperty("confusion").GetProperty("counts")[0][1].GetInt32());
        Assert.Equal(0, json.RootElement.GetProperty("confusion").GetProperty("counts")[1][0].GetInt32());

        using var text = new StringWriter();
        report.WriteText(text);
        Assert.Contains("accuracy 75.00\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("pos        66.67  100.00  80.00        2\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("neg                  1    1\n", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void OfManyClassesTheWorstConfusionsAreShownInsteadOfTheMatrix()
    {
        const int Classes = 77;
        var matrix = new ConfusionMatrix(Classes);
        for (var label = 0; label < Classes; label++)
        {
            for (var i = 0; i < 40; i++) matrix.Add(label, label);
            for (var i = 0; i < label % 9; i++) matrix.Add(label, (label + 1) % Classes);
        }

        for (var i = 0; i < 20; i++) matrix.Add(3, 70);
        var report = new ClassificationReport([.. Enumerable.Range(0, Classes).Select(i => $"a label with a long name, {i}")], matrix);
        using var text = new StringWriter();
        report.WriteText(text);
        var lines = text.ToString().Split('\n');
        Assert.True(text.ToString().Length < 8000, $"{text.ToString().Length} characters");
        var heading = Array.FindIndex(lines, line => line.StartsWith("label ", StringComparison.Ordinal));
        Assert.Equal(
            "label predicted examples of label", string.Join(' ', lines[heading].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.EndsWith("name, 3   a label with a long name, 70        20     31.75", lines[heading + 1], StringComparison.Ordinal);
        Assert.EndsWith("name, 8   a label with a long name, 9          8     16.67", lines[heading + 2], StringComparison.Ordinal);
        Assert.Equal(heading + 22, lines.Length);
        Assert.Equal(Classes + 1, report.ConfusionRows().Count());
    }

    [Fact]
    public void AnUndefinedFigureIsNullInJson()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) RegressionReport.Of([1, 1], [1, 2]).WriteJson(writer);
        using var json = JsonDocument.Parse(stream.ToArray());
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("pearson").ValueKind);
        Assert.Equal(0.5, json.RootElement.GetProperty("mean_squared_error").GetDouble());
    }

    private static JsonDocument Golden() =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "metrics.json")));
}
