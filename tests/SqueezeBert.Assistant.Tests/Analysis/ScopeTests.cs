using SqueezeBert.Assistant.Analysis;
using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Models;

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

    /// <summary>The mean of 45 equal numbers is rounded, and is no spread.</summary>
    [Fact]
    public void EqualVectorsHaveNoDistance()
    {
        List<ReadOnlyMemory<float>> vectors = [.. Enumerable.Range(0, 45).Select(i => new ReadOnlyMemory<float>([0.1f + (i % 3), 0.7f]))];
        List<int> classes = [.. Enumerable.Range(0, 45).Select(i => i % 3)];
        Assert.Contains("add texts", Refused(vectors, classes), StringComparison.Ordinal);
        Assert.Contains("add texts", Refused([], []), StringComparison.Ordinal);
        vectors[44] = new float[] { 0.1f, 0.8f };
        Assert.Equal(2, ScopeDistance.Fit(vectors, classes, TestContext.Current.CancellationToken).Width);

        static string Refused(List<ReadOnlyMemory<float>> vectors, List<int> classes) => Assert.Throws<ArgumentException>(
            () => ScopeDistance.Fit(vectors, classes, TestContext.Current.CancellationToken)).Message;
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

    [Theory]
    [InlineData(12, 0.9999)]
    [InlineData(900, 0.4)]
    [InlineData(1e-20, 1)]
    [InlineData(1e9, 0)]
    public void TheProbabilityIsThatOfAPlainTwin(double distance, double confidence)
    {
        var calibration = new ScopeCalibration { Distance = (3.5, 0.25), Confidence = (6, 1.5), Regression = (4, -2.5, -0.75) };
        var p = Math.Min(Math.Max(confidence, 1e-6), 1 - 1e-6);
        var score = 4 + (-2.5 * (Math.Log(Math.Max(distance, 1e-12)) - 3.5) / 0.25) + (-0.75 * (6 - Math.Log(p / (1 - p))) / 1.5);
        var expected = 1 / (1 + Math.Exp(-score));
        Assert.InRange(calibration.InScope(distance, confidence), expected * (1 - 1e-12), expected * (1 + 1e-12));

        // Without a regression: the share of the normal distribution above the stranger number, by Simpson's rule.
        var far = (Math.Log(Math.Max(distance, 1e-12)) - 3.5) / 0.25;
        var unsure = (6 - Math.Log(p / (1 - p))) / 1.5;
        var strange = Math.Max(far, unsure);
        var share = Math.Min(1, 2 * (strange > 12 ? 0 : Simpson(Math.Max(strange, -12), 12)));
        var answer = (calibration with { Regression = null }).InScope(distance, confidence);
        Assert.InRange(answer, share - 2.5e-7, share + 2.5e-7);

        static double Simpson(double from, double to)
        {
            const int Steps = 20_000;
            var sum = Density(from) + Density(to);
            for (var i = 1; i < Steps; i++) sum += (i % 2 == 0 ? 2 : 4) * Density(from + ((to - from) * i / Steps));
            return sum * (to - from) / (3 * Steps);
        }

        static double Density(double x) => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
    }

    /// <summary>Eight texts of a side are enough, and seven are too few. What has no spread is given a little.</summary>
    [Fact]
    public void EightTextsOfASideAreEnough()
    {
        List<(double, double)> eight = [.. Enumerable.Repeat((20.0, 0.9), 8)];
        Assert.Throws<ArgumentException>(() => ScopeCalibration.Fit(eight[..7], eight));
        var without = ScopeCalibration.Fit(eight, eight[..7]);
        Assert.Null(without.Regression);
        Assert.Equal(new AssistantThresholds().InScope, without.DefaultThreshold);
        Assert.Equal((0.05, 0.05), (without.Distance.Deviation, without.Confidence.Deviation));
        var with = ScopeCalibration.Fit(eight, [.. Enumerable.Repeat((40.0, 0.5), 8)]);
        Assert.NotNull(with.Regression);
        Assert.Equal(0.5, with.DefaultThreshold);
    }

    [Theory]
    [InlineData(30, 12)]
    [InlineData(10, 8)]
    public void TheRegressionIsTheOneOfAPlainTwin(int texts, int others)
    {
        var random = new Random(5);
        List<(double Distance, double Confidence)> inside = [.. Enumerable.Range(0, texts)
            .Select(_ => (Math.Exp(3 + (0.2 * Normal(random))), Share(3 + Normal(random))))];
        List<(double Distance, double Confidence)> outside = [.. Enumerable.Range(0, others)
            .Select(_ => (Math.Exp(3.3 + (0.2 * Normal(random))), Share(2 + Normal(random))))];
        var calibration = ScopeCalibration.Fit(inside, outside);
        var distances = inside.Select(text => Math.Log(text.Distance)).ToList();
        var odds = inside.Select(text => Math.Log(text.Confidence / (1 - text.Confidence))).ToList();
        Assert.Equal(Moments(distances), calibration.Distance);
        Assert.Equal(Moments(odds), calibration.Confidence);

        // The same loss, by many small steps downhill.
        var ridge = Math.Min(0.01, 0.3 / (texts + others));
        double bias = 0, ofDistance = 0, ofConfidence = 0;
        for (var step = 0; step < 20_000; step++)
        {
            double gradient = 0, gradientOfDistance = ridge * ofDistance, gradientOfConfidence = ridge * ofConfidence;
            foreach (var (side, target) in new[] { (inside, 1.0), (outside, 0.0) })
            {
                foreach (var (distance, confidence) in side)
                {
                    var far = (Math.Log(distance) - calibration.Distance.Mean) / calibration.Distance.Deviation;
                    var unsure = (calibration.Confidence.Mean - Math.Log(confidence / (1 - confidence))) / calibration.Confidence.Deviation;
                    var error = (Share(bias + (ofDistance * far) + (ofConfidence * unsure)) - target) / (2 * side.Count);
                    gradient += error;
                    gradientOfDistance += error * far;
                    gradientOfConfidence += error * unsure;
                }
            }

            bias -= gradient;
            ofDistance -= gradientOfDistance;
            ofConfidence -= gradientOfConfidence;
        }

        var (foundBias, foundDistance, foundConfidence) = calibration.Regression!.Value;
        Assert.Equal(bias, foundBias, 1e-9);
        Assert.Equal(ofDistance, foundDistance, 1e-9);
        Assert.Equal(ofConfidence, foundConfidence, 1e-9);

        static (double, double) Moments(List<double> values)
        {
            var mean = values.Average();
            return (mean, Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1)));
        }
    }

    [Fact]
    public void WhatIsFartherOrLessSureIsNeverLikelierInScope()
    {
        var random = new Random(6);
        List<(double, double)> sample = [.. Enumerable.Range(0, 40)
            .Select(_ => (Math.Exp(3 + (0.2 * Normal(random))), Share(3 + Normal(random))))];
        List<(double, double)> nearer = [.. sample.Select(text => (text.Item1 / 2, text.Item2 * 0.6))];
        var calibration = ScopeCalibration.Fit(sample, nearer).Regression!.Value;
        Assert.Equal(0, calibration.Distance);
        Assert.True(calibration.Confidence < 0);
        List<(double, double)> surer = [.. sample.Select(text => (text.Item1 * 2, 1 - ((1 - text.Item2) / 10)))];
        calibration = ScopeCalibration.Fit(sample, surer).Regression!.Value;
        Assert.Equal(0, calibration.Confidence);
        Assert.True(calibration.Distance < 0);
    }

    [Fact]
    public void MeasuresSurviveTheirFile()
    {
        var measures = new AssistantMeasures
        {
            Head = "intent",
            Scope = new ScopeCalibration { Distance = (1.5, 0.25), Confidence = (2, 0.5), Regression = (0.1, -1, -2) },
            Figures = new Dictionary<string, double> { ["intent_accuracy"] = 0.9 },
        };
        measures.Save(_folder);
        var loaded = AssistantMeasures.Load(MeasuresFile);
        Assert.Equal((measures.Head, measures.Scope), (loaded.Head, loaded.Scope));
        Assert.Equal(0.9, loaded.Figures["intent_accuracy"]);
        foreach (var damaged in new[] { "[", "" })
        {
            File.WriteAllText(MeasuresFile, damaged);
            Assert.Throws<InvalidModelFileException>(() => AssistantMeasures.Load(MeasuresFile));
        }
    }

    [Theory]
    [InlineData("{}", "version")]
    [InlineData("""{"version":2}""", "version")]
    [InlineData("""{"version":1,"in_scope":3}""", "in_scope")]
    [InlineData("""{"version":1,"in_scope":{"distance":[1,1],"confidence":[1,1]}}""", "in_scope.head")]
    [InlineData("""{"version":1,"in_scope":{"head":3,"distance":[1,1],"confidence":[1,1]}}""", "in_scope.head")]
    [InlineData("""{"version":1,"in_scope":{"head":"a","distance":[1],"confidence":[1,1]}}""", "in_scope.distance")]
    [InlineData("""{"version":1,"in_scope":{"head":"a","distance":[1,0],"confidence":[1,1]}}""", "in_scope.distance")]
    [InlineData("""{"version":1,"in_scope":{"head":"a","distance":[1,1],"confidence":[1,-1]}}""", "in_scope.confidence")]
    [InlineData("""{"version":1,"in_scope":{"head":"a","distance":[1,1],"confidence":["1",1]}}""", "in_scope.confidence")]
    [InlineData("""{"version":1,"in_scope":{"head":"a","distance":[1,1],"confidence":[1,1],"regression":[1,2]}}""",
        "in_scope.regression")]
    [InlineData("""{"version":1,"in_scope":{"head":"a","distance":[1,1],"confidence":[1,1],"regression":"x"}}""",
        "in_scope.regression")]
    public void DamagedMeasuresAreRefusedWithFieldAndRemedy(string json, string field)
    {
        File.WriteAllText(MeasuresFile, json);
        var error = Assert.Throws<InvalidModelFileException>(() => AssistantMeasures.Load(MeasuresFile));
        Assert.Equal((MeasuresFile, field), (error.File, error.Item));
        Assert.Contains("run 'squeezebert assist scope --fit'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatWasLearntOfOneHeadIsNotTakenForAnother()
    {
        var scope = new ScopeCalibration { Distance = (1.5, 0.25), Confidence = (2, 0.5) };
        var measures = new AssistantMeasures { Head = "home-intent", Scope = scope };
        var model = ModelConfiguration.Load(AssistantModels.English);
        Assert.Equal(scope, measures.ScopeOf(new ModelRoles("home-intent", null), model, "f"));
        Assert.Null(measures.ScopeOf(new ModelRoles("everyday", null), model, "f"));
        foreach (var head in new[] { "gone", null })
        {
            var error = Assert.Throws<InvalidModelFileException>(
                () => (measures with { Head = head }).ScopeOf(new ModelRoles("home-intent", null), model, "f"));
            Assert.Equal(("f", "in_scope.head"), (error.File, error.Item));
            Assert.Contains("assist scope --fit", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("covariance_factor", 0, 0f)]
    [InlineData("covariance_factor", 2, float.NaN)]
    [InlineData("whitened_means", 1, float.PositiveInfinity)]
    public void ADamagedDistanceIsRefusedWithTensorAndRemedy(string tensor, int element, float value)
    {
        float[] factor = [1, 0, 0.5f, 2], means = [1, 2, 3, 4, 5, 6];
        (tensor == "whitened_means" ? means : factor)[element] = value;
        var file = Path.Combine(_folder, "d.safetensors");
        var writer = new SafetensorsWriter();
        writer.Add("covariance_factor", [2, 2], factor);
        writer.Add("whitened_means", [3, 2], means);
        writer.Save(file);
        var error = Assert.Throws<InvalidModelFileException>(() => ScopeDistance.Load(file, 2));
        Assert.Equal((file, tensor), (error.File, error.Item));
        Assert.Contains("assist scope --fit", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, 2, "covariance_factor")]
    [InlineData(2, 3, "whitened_means")]
    public void ADistanceOfAnotherWidthIsRefused(int columnsOfFactor, int columnsOfMeans, string tensor)
    {
        var file = Path.Combine(_folder, "w.safetensors");
        var writer = new SafetensorsWriter();
        writer.Add("covariance_factor", [2, columnsOfFactor], new float[] { 1, 1, 1, 1, 1, 1 }.AsSpan(0, 2 * columnsOfFactor).ToArray());
        writer.Add("whitened_means", [1, columnsOfMeans], new float[columnsOfMeans]);
        writer.Save(file);
        var error = Assert.Throws<InvalidModelFileException>(() => ScopeDistance.Load(file, 2));
        Assert.Equal((file, tensor), (error.File, error.Item));
    }

    private string MeasuresFile => Path.Combine(_folder, AssistantMeasures.FileName);

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
