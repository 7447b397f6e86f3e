using SqueezeBert.Assistant.Analysis;
using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Assistant.Tests.Analysis;

public sealed class ScopeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("squeezebert-assistant-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void TheDistanceIsThatOfTheEvaluationAndSurvivesItsFile()
    {
        var (vectors, classes) = Clouds();
        var reference = MahalanobisDistance.Fit(vectors, classes, 6.0 / 96, TestContext.Current.CancellationToken);
        var file = Path.Combine(_folder, "a.safetensors");
        ScopeDistance.Fit(vectors, classes, TestContext.Current.CancellationToken).Save(file);
        var loaded = ScopeDistance.Load(file, 6);
        foreach (var vector in vectors.Append(new float[] { 9, -9, 9, -9, 9, -9 }))
        {
            var expected = reference.Of(vector.Span);
            Assert.InRange(loaded.Of(vector.Span), expected * (1 - 1e-4), expected * (1 + 1e-4));
        }

        Assert.Throws<InvalidModelFileException>(() => ScopeDistance.Load(file, 7));
        File.WriteAllText(file, "x");
        Assert.Throws<InvalidModelFileException>(() => ScopeDistance.Load(file, 6));
    }

    [Fact]
    public void WithoutTextsOutOfScopeItIsTheShareThatFitsNoBetter()
    {
        var random = new Random(4);
        List<(double, double)> inScope = [.. Enumerable.Range(0, 4_000)
            .Select(_ => (Math.Exp(3 + (0.2 * Normal(random))), Share(Normal(random) + 3)))];
        var calibration = ScopeCalibration.Fit(inScope[..2_000], []);
        Assert.Null(calibration.Regression);

        // Of texts in scope, at most about as many as the threshold says are refused.
        foreach (var threshold in new[] { 0.01, 0.05, 0.2 })
        {
            var refused = inScope.Skip(2_000).Count(text => calibration.InScope(text.Item1, text.Item2) < threshold) / 2_000.0;
            Assert.InRange(refused, 0.5 * threshold, 1.3 * threshold);
        }

        Assert.True(calibration.InScope(Math.Exp(4), 0.95) < 0.001);
        Assert.True(calibration.InScope(Math.Exp(3), 0.1) < 0.001);
        Assert.True(calibration.InScope(Math.Exp(2.9), 0.97) > 0.9);
    }

    [Fact]
    public void WithTextsOutOfScopeItIsAProbability()
    {
        var random = new Random(4);
        List<(double, double)> inside = [.. Enumerable.Range(0, 500).Select(_ => (Math.Exp(3 + (0.2 * Normal(random))), 0.9))];
        List<(double, double)> outside = [.. Enumerable.Range(0, 50).Select(_ => (Math.Exp(3.6 + (0.2 * Normal(random))), 0.9))];
        var calibration = ScopeCalibration.Fit(inside, outside);
        Assert.NotNull(calibration.Regression);

        // Half way between the two, and 1.5 deviations to either side of it.
        Assert.InRange(calibration.InScope(Math.Exp(3.3), 0.9), 0.35, 0.65);
        Assert.InRange(calibration.InScope(Math.Exp(3), 0.9), 0.9, 1);
        Assert.InRange(calibration.InScope(Math.Exp(3.6), 0.9), 0, 0.1);
    }

    [Fact]
    public void MeasuresSurviveTheirFile()
    {
        var measures = new AssistantMeasures
        {
            Scope = new ScopeCalibration { Distance = (1.5, 0.25), Confidence = (2, 0.5), Regression = (0.1, -1, -2) },
            Figures = new Dictionary<string, double> { ["intent_accuracy"] = 0.9 },
        };
        measures.Save(_folder);
        var file = Path.Combine(_folder, AssistantMeasures.FileName);
        var loaded = AssistantMeasures.Load(file);
        Assert.Equal(measures.Scope, loaded.Scope);
        Assert.Equal(0.9, loaded.Figures["intent_accuracy"]);
        foreach (var damaged in new[]
        {
            "{}", "{\"version\":2}", "{\"version\":1,\"in_scope\":3}", "{\"version\":1,\"in_scope\":{\"distance\":[1]}}",
            "{\"version\":1,\"in_scope\":{\"distance\":[1,0],\"confidence\":[1,1]}}", "[", "",
        })
        {
            File.WriteAllText(file, damaged);
            Assert.Throws<InvalidModelFileException>(() => AssistantMeasures.Load(file));
        }
    }

    private static (List<ReadOnlyMemory<float>> Vectors, List<int> Classes) Clouds()
    {
        var random = new Random(2);
        var (vectors, classes) = (new List<ReadOnlyMemory<float>>(), new List<int>());
        for (var i = 0; i < 90; i++)
        {
            vectors.Add(Enumerable.Range(0, 6).Select(k => (float)(Normal(random) + (k == i % 3 ? 4 : 0))).ToArray());
            classes.Add(i % 3);
        }

        return (vectors, classes);
    }

    private static double Share(double odds) => 1 / (1 + Math.Exp(-odds));

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
