using SqueezeBert.Graphs;
using SqueezeBert.Inference;

namespace SqueezeBert.Tests.Inference;

public class PaddedForwardTests
{
    [Theory]
    [InlineData("squeezebert-multiple-choice", new[] { 2, 3 }, "the model (multiple choice) takes [batch, choices, length]")]
    [InlineData("squeezebert-token-classification", new[] { 1, 2, 3 },
        "has the shape [1, 2, 3]; the model (token classification) takes [batch, length]")]
    [InlineData("squeezebert-token-classification", new[] { 2, 4 }, "6 elements, not 2 x 4")]
    [InlineData("squeezebert-token-classification", new[] { -2, -3 }, "not negative")]
    public void AShapeThatDoesNotFitIsRefused(string name, int[] shape, string reason)
    {
        using var golden = new GoldenModel(name);
        using var model = golden.Load();
        var error = Assert.Throws<ArgumentException>(() => PaddedForward.Run(model, shape, [1, 2, 3, 4, 5, 6], [], []));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OnlyTheOutputsAskedForAreComputed()
    {
        using var golden = new GoldenModel("squeezebert-question-answering");
        using var model = golden.Load();
        var all = PaddedForward.Run(model, [2, 3], [1, 2, 3, 4, 5, 0], [1, 1, 1, 1, 1, 0], []);
        var some = PaddedForward.Run(model, [2, 3], [1, 2, 3, 4, 5, 0], [1, 1, 1, 1, 1, 0], [], [OutputNames.EndLogits, "attentions.0"]);
        Assert.DoesNotContain(OutputNames.Logits, all.Select(output => output.Name));
        Assert.Equal([OutputNames.EndLogits, "attentions.0"], some.Select(output => output.Name));
        Assert.Equal([2, 3], some[0].Shape);
        Assert.Equal(0, some[0].Values[5]);
        foreach (var output in some) Assert.Equal(all.Single(one => one.Name == output.Name).Values, output.Values);
        Assert.Throws<ArgumentException>(() => PaddedForward.Run(model, [1, 1], [1], [], [], ["answer"]));
    }

    /// <summary>A text alone has nothing right of its last token; a padded reference's trigram sees [PAD] there.</summary>
    [Fact]
    public void PaddingShowsInMobileBertAlone()
    {
        foreach (var (name, differs) in new[] { ("mobilebert-encoder", true), ("bert-encoder", false) })
        {
            using var golden = new GoldenModel(name);
            using var model = golden.Load();
            var alone = PaddedForward.Run(model, [1, 3], [5, 6, 7], [], [], [OutputNames.LastHiddenState])[0].Values;
            var padded = PaddedForward.Run(model, [1, 4], [5, 6, 7, 0], [1, 1, 1, 0], [], [OutputNames.LastHiddenState])[0].Values;
            Assert.Equal(differs, !alone.AsSpan().SequenceEqual(padded.AsSpan(0, alone.Length)));
        }
    }
}
