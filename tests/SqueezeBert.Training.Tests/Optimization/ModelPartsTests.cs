using System.Text;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Training.Optimization;

namespace SqueezeBert.Training.Tests.Optimization;

/// <summary>Where the parameters of each architecture stand.</summary>
public sealed class ModelPartsTests
{
    [Theory]
    [InlineData("squeezebert")]
    [InlineData("squeezebert-separable")]
    [InlineData("bert")]
    [InlineData("distilbert")]
    [InlineData("mobilebert")]
    [InlineData("electra")]
    public void EachDepthHasItsParameters(string type)
    {
        var configuration = ModelConfiguration.Parse(
            Encoding.UTF8.GetBytes($$"""{ "model_type": "{{type}}", "vocab_size": 40, "num_labels": 3 }"""), type);
        var parts = new ModelParts(configuration);
        var byDepth = ModelGraph.Create(configuration, ModelHead.SequenceClassification).Parameters.ToLookup(parts.DepthOf);
        var layers = configuration.LayerCount;
        Assert.Equal(Enumerable.Range(0, layers + 2), byDepth.Select(group => group.Key).Order());
        Assert.Contains(byDepth[0], parameter => parameter.Name.EndsWith("word_embeddings.weight", StringComparison.Ordinal));
        Assert.All(byDepth[0], parameter => Assert.Contains("embedding", parameter.Name, StringComparison.Ordinal));
        Assert.All(byDepth[1], parameter => Assert.Contains(".0.", parameter.Name, StringComparison.Ordinal));
        Assert.All(byDepth[layers], parameter => Assert.Contains($".{layers - 1}.", parameter.Name, StringComparison.Ordinal));
        Assert.All(byDepth[layers + 1], parameter => Assert.DoesNotContain("layer.", parameter.Name, StringComparison.Ordinal));
        Assert.Contains(byDepth[layers + 1], parameter => parameter.Name.StartsWith("classifier", StringComparison.Ordinal));

        var (words, first, last, head) = (byDepth[0].First(), byDepth[1].First(), byDepth[layers].First(), byDepth[layers + 1].First());
        Assert.Equal(1, parts.RateFactor(head, 0.5));
        Assert.Equal(0.5, parts.RateFactor(last, 0.5));
        Assert.Equal(Math.Pow(0.5, layers + 1), parts.RateFactor(words, 0.5), 1e-12);
        Assert.Equal([true, false, false, false], Frozen(new FrozenParts { Embeddings = true }));
        Assert.Equal([true, true, false, false], Frozen(new FrozenParts { Layers = 1 }));
        Assert.Equal([true, true, true, false], Frozen(new FrozenParts { Encoder = true }));

        bool[] Frozen(FrozenParts frozen) =>
            [parts.IsFrozen(words, frozen), parts.IsFrozen(first, frozen), parts.IsFrozen(last, frozen), parts.IsFrozen(head, frozen)];
    }
}
