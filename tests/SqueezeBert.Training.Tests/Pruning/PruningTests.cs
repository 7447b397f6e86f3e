namespace SqueezeBert.Training.Tests.Pruning;

public sealed class PruningTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Parts whose output nothing reads are what goes, and the answers stay.</summary>
    [Theory]
    [InlineData("bert", true)]
    [InlineData("distilbert", true)]
    [InlineData("electra", true)]
    [InlineData("squeezebert", false)]
    [InlineData("squeezebert-separable", false)]
    [InlineData("mobilebert", false)]
    public void WhatIsDeadGoesAndTheAnswersStay(string type, bool hasHeads)
    {
        using var toy = new PrunedToy(type);
        foreach (var layer in toy.Layers.All)
        {
            if (hasHeads) toy.Scale(layer.Attention!.Output, 0, input => input / layer.Attention.HeadSize is 0 or 2);

            // Every block of channels has other ones that live.
            foreach (var network in layer.FeedForwards) toy.Scale(network.Second, 0, channel => channel % 4 != channel / 16 % 4);
        }

        var before = toy.Scores(toy.Configuration, toy.Tensors);
        var pruning = toy.Make(toy.Tensors);
        pruning.Prune(new PruningOptions { Heads = hasHeads ? 2 : null, IntermediateSize = 16 }, Cancelled);
        Assert.Equal(16, pruning.Configuration.IntermediateSize);
        Assert.Equal(hasHeads ? 3 : 0, pruning.Configuration.PrunedHeads.Count);
        Assert.All(pruning.Configuration.PrunedHeads.Values, heads => Assert.Equal([0, 2], heads));
        var after = toy.Scores(pruning.Configuration, pruning.Tensors);
        Assert.True(before.Distinct().Count() > 10);
        foreach (var (a, b) in before.Zip(after)) Assert.Equal(a, b, 2e-6);
    }

    /// <summary>Heads have the numbers of the model that nothing was taken out of.</summary>
    [Fact]
    public void HeadsArePrunedTwice()
    {
        using var toy = new PrunedToy("bert");
        var output = toy.Layers.All.Select(layer => layer.Attention!).ToList();
        foreach (var attention in output) toy.Scale(attention.Output, 0, input => input / attention.HeadSize == 1);
        foreach (var attention in output) toy.Scale(attention.Output, 1e-3f, input => input / attention.HeadSize == 3);
        var pruning = toy.Make(toy.Tensors);
        pruning.Prune(new PruningOptions { Heads = 3 }, Cancelled);
        Assert.All(pruning.Configuration.PrunedHeads.Values, heads => Assert.Equal([1], heads));
        pruning.Prune(new PruningOptions { Heads = 2 }, Cancelled);
        Assert.All(pruning.Configuration.PrunedHeads.Values, heads => Assert.Equal([1, 3], heads));
        Assert.Equal(3, pruning.Configuration.PrunedHeads.Count);
    }

    [Fact]
    public void LayersGoOneByOneAndAreNumberedAnew()
    {
        using var toy = new PrunedToy("bert");
        var pruning = toy.Make(toy.Tensors);
        var kept = pruning.Prune(new PruningOptions { Layers = 2 }, Cancelled);
        Assert.Equal(2, kept.Count);
        Assert.Equal(2, pruning.Configuration.LayerCount);
        var least = toy.Make(toy.Tensors).Measure(512, Cancelled).LeastLayer;
        Assert.DoesNotContain(least, kept);
        for (var layer = 0; layer < 2; layer++)
        {
            Assert.Equal(
                toy.Tensors.Find($"bert.encoder.layer.{kept[layer]}.output.dense.weight")!.Data.ToArray(),
                pruning.Tensors.Find($"bert.encoder.layer.{layer}.output.dense.weight")!.Data.ToArray());
        }

        Assert.Null(pruning.Tensors.Find("bert.encoder.layer.2.output.dense.weight"));
    }

    /// <summary>What is measured does not depend on threads, and a layer cut keeps the heads of its layers.</summary>
    [Fact]
    public void ALayerCutKeepsWhichHeadsThereAre()
    {
        using var toy = new PrunedToy("bert");
        var pruning = toy.Make(toy.Tensors);
        pruning.Prune(new PruningOptions { Heads = 1 }, Cancelled);
        var configuration = pruning.Configuration.WithLayers([0, 2]);
        Assert.Equal((2, 2), (configuration.LayerCount, configuration.PrunedHeads.Count));
        Assert.Equal(pruning.Configuration.PrunedHeads[2], configuration.PrunedHeads[1]);
        Assert.Equal((1, 8), (configuration.HeadsOf(1), configuration.AttentionSizeOf(1)));
    }
}
