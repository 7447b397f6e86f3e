using System.Text.Json;

namespace SqueezeBert.Evaluation.Tests;

public sealed class ConfidenceTests
{
    private static readonly JsonElement Reference = Golden.Read("confidence.json");

    [Fact]
    public void CalibrationEqualsTheReference()
    {
        var cases = Reference.GetProperty("calibration").EnumerateArray().ToList();
        Assert.Equal(3, cases.Count);
        foreach (var item in cases)
        {
            float[][] logits = [.. item.GetProperty("logits").EnumerateArray()
                .Select(row => Golden.Numbers(row).Select(value => (float)value).ToArray())];
            int[] labels = [.. item.GetProperty("labels").EnumerateArray().Select(label => label.GetInt32())];
            var right = logits.Zip(labels, (row, label) => Array.IndexOf(row, row.Max()) == label).ToArray();
            Assert.Equal(item.GetProperty("loss").GetDouble(), TemperatureScaling.Loss(logits, labels, 1), 1e-12);
            Assert.Equal(item.GetProperty("ece").GetDouble(),
                CalibrationMetrics.ExpectedError(Golden.Numbers(item.GetProperty("scores")), right), 1e-12);

            // The reference looks at values of the loss, which are flat at its minimum.
            var temperature = TemperatureScaling.Fit(logits, labels);
            Assert.Equal(item.GetProperty("temperature").GetDouble(), temperature, 1e-6 * temperature);
        }
    }

    [Fact]
    public void ATemperatureHasBounds()
    {
        float[][] logits = [[1, 0], [0, 1]];
        Assert.Equal(TemperatureScaling.Lowest, TemperatureScaling.Fit(logits, [0, 1]), 1e-9);
        Assert.Equal(TemperatureScaling.Highest, TemperatureScaling.Fit(logits, [1, 0]), 1e-6);
        Assert.Equal(TemperatureScaling.Highest, TemperatureScaling.Fit([[2, 2]], [0]), TemperatureScaling.Highest);
        Assert.Throws<ArgumentException>(() => TemperatureScaling.Fit([], []));
        Assert.Throws<ArgumentException>(() => TemperatureScaling.Fit([[1, float.NaN]], [0]));
        Assert.Throws<ArgumentException>(() => TemperatureScaling.Fit([[1, 0]], [2]));
    }

    [Fact]
    public void TheCalibrationErrorTakesScoresOnTheBordersOfBins()
    {
        Assert.Equal(0.25, CalibrationMetrics.ExpectedError([0, 0.5, 0.5, 1], [false, true, false, false], bins: 2), 1e-15);
        Assert.True(double.IsNaN(CalibrationMetrics.ExpectedError([], [])));
        Assert.Throws<ArgumentOutOfRangeException>(() => CalibrationMetrics.ExpectedError([1.1], [true]));
    }

    [Fact]
    public void OutOfScopeFiguresEqualTheReference()
    {
        var scope = Reference.GetProperty("scope");
        var (inScope, outOfScope) = (Golden.Numbers(scope.GetProperty("in_scope")), Golden.Numbers(scope.GetProperty("out_of_scope")));
        Assert.Equal(scope.GetProperty("auroc").GetDouble(), OutOfScopeMetrics.Auroc(inScope, outOfScope), 1e-14);
        foreach (var rate in (double[])[0, 0.02, 0.05, 0.1, 0.5])
        {
            var recall = OutOfScopeMetrics.Recall(inScope, outOfScope, rate, out var threshold);
            Assert.True(inScope.Count(score => score > threshold) <= rate * inScope.Length);
            Assert.Equal(outOfScope.Count(score => score > threshold) / 30.0, recall);

            // No lower threshold would do.
            Assert.True(inScope.Count(score => score >= threshold) > rate * inScope.Length);
        }
    }

    [Fact]
    public void NothingIsToldOfNoTexts()
    {
        Assert.True(double.IsNaN(OutOfScopeMetrics.Auroc([], [1])));
        Assert.True(double.IsNaN(OutOfScopeMetrics.Recall([1, double.NaN], [1], 0.1, out _)));
        Assert.Throws<ArgumentOutOfRangeException>(() => OutOfScopeMetrics.Recall([1], [1], 1, out _));
    }

    [Fact]
    public void DistancesEqualTheReference()
    {
        var golden = Reference.GetProperty("mahalanobis");
        var distance = MahalanobisDistance.Fit(
            Vectors(golden.GetProperty("vectors")), [.. golden.GetProperty("classes").EnumerateArray().Select(one => one.GetInt32())]);
        var distances = Golden.Numbers(golden.GetProperty("distances"));
        var actual = Vectors(golden.GetProperty("queries")).Select(query => distance.Of(query.Span)).ToArray();
        Assert.Equal(8, actual.Length);
        Assert.All(actual.Zip(distances), pair => Assert.Equal(pair.Second, pair.First, 1e-9 * pair.Second));
    }

    [Fact]
    public void VectorsThatTellNothingAreRefused()
    {
        ReadOnlyMemory<float>[] same = [new float[] { 1, 2 }, new float[] { 1, 2 }];
        Assert.Throws<ArgumentException>(() => MahalanobisDistance.Fit(same, [0, 0]));
        Assert.Throws<ArgumentException>(() => MahalanobisDistance.Fit([], []));
        Assert.Throws<ArgumentException>(() => MahalanobisDistance.Fit(same, [0, -1]));

        // A class without examples, and classes of one example, are no trouble.
        ReadOnlyMemory<float>[] apart = [new float[] { 1, 2 }, new float[] { 2, 3 }, new float[] { 1, 5 }];
        Assert.Throws<ArgumentException>(() => MahalanobisDistance.Fit(apart, [0, 2, 4]));
        Assert.Equal(0, MahalanobisDistance.Fit([.. apart, new float[] { 3, 5 }], [0, 2, 4, 4]).Of([2, 5]));
    }

    private static ReadOnlyMemory<float>[] Vectors(JsonElement rows) =>
        [.. rows.EnumerateArray().Select(row => (ReadOnlyMemory<float>)Golden.Numbers(row).Select(value => (float)value).ToArray())];
}
