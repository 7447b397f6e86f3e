using SqueezeBert.Assistant.Analysis;
using SqueezeBert.Assistant.Learning;

namespace SqueezeBert.Assistant.Tests.Learning;

public sealed class ScopeFoldsTests
{
    [Fact]
    public void NoTextIsMeasuredByWhatWasLearntFromIt()
    {
        var cancel = TestContext.Current.CancellationToken;
        var random = new Random(3);
        List<ScopeText> inside = [.. Enumerable.Range(0, 75).Select(i => Text(random, i % 3, i % 5))];
        List<ScopeText> outside = [.. Enumerable.Range(0, 60).Select(i => Text(random, -1, i % 5))];
        var folds = ScopeFolds.Measure(inside, outside, cancel);

        // What each part learns, in plain loops.
        var measured = new Dictionary<ScopeText, (double, double)>(ReferenceEqualityComparer.Instance);
        foreach (var text in inside.Concat(outside))
        {
            var others = inside.Where(other => other.Fold != text.Fold).ToList();
            var distance = ScopeDistance.Fit(
                [.. others.Select(other => other.Vector)], [.. others.Select(other => other.Class)], cancel);
            measured[text] = (distance.Of(text.Vector.Span), text.Confidence);
        }

        foreach (var (texts, found) in new[] { (inside, folds.InScope), (outside, folds.OutOfScope) })
        {
            for (var i = 0; i < texts.Count; i++)
            {
                var calibration = ScopeCalibration.Fit(Others(inside, texts[i].Fold), Others(outside, texts[i].Fold));
                var (distance, confidence) = measured[texts[i]];
                Assert.Equal(calibration.InScope(distance, confidence), found[i]);
            }
        }

        Assert.Equal(ScopeCalibration.Fit(Others(inside, -1), Others(outside, -1)), folds.Calibration);

        List<(double, double)> Others(List<ScopeText> texts, int fold) =>
            [.. texts.Where(text => text.Fold != fold).Select(text => measured[text])];
    }

    [Theory]
    [InlineData(true, "inScope", "40 of 47 texts in scope")]
    [InlineData(false, "outOfScope", "40 of 47 texts out of scope")]
    public void TextsOfOnePartTeachNothingOfIt(bool isInside, string parameter, string message)
    {
        var random = new Random(3);
        List<ScopeText> spread = [.. Enumerable.Range(0, 40).Select(i => Text(random, i % 3, i % 5))];
        List<ScopeText> alike = [.. Enumerable.Range(0, 47).Select(i => Text(random, i % 3, i < 40 ? 2 : 3))];
        var error = Assert.Throws<ArgumentException>(() => ScopeFolds.Measure(
            isInside ? alike : spread, isInside ? spread : alike, TestContext.Current.CancellationToken));
        Assert.Equal(parameter, error.ParamName);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("add texts", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EqualTextsAreInTheSamePartAndEveryPartHasSome()
    {
        Assert.Equal(ScopeFolds.Of("play some jazz"), ScopeFolds.Of(new string("play some jazz".ToCharArray())));
        Assert.Equal([0, 1, 2, 3, 4], Enumerable.Range(0, 100).Select(i => ScopeFolds.Of($"text {i}")).Distinct().Order());
    }

    private static ScopeText Text(Random random, int intent, int fold)
    {
        var vector = Enumerable.Range(0, 4).Select(k => (float)(random.NextDouble() + (k == intent ? 4 : 0))).ToArray();
        return new ScopeText(vector, intent < 0 ? 0.5 + (0.3 * random.NextDouble()) : 0.8 + (0.2 * random.NextDouble()), intent, fold);
    }
}
