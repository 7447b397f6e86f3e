using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Training.Tests.Running;

/// <summary>A stage that prunes before it trains.</summary>
public sealed class PruneStageTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void APrunedModelIsHealedByWhatItWasMadeOf()
    {
        using var toy = Trained();
        var result = Run(toy.Recipe("out", recipe => Prune(recipe, """{ "layers": 1, "heads": 2, "intermediate_size": 32 }""")));
        Assert.True(result.Stages[0].Evaluation!.Accuracy >= 0.85, $"accuracy {result.Stages[0].Evaluation!.Accuracy}");
        using var folder = ModelFolder.Open(toy.Path("out"));
        Assert.Empty(folder.CompareWeights().Missing);
        var configuration = folder.Configuration;
        Assert.Equal(
            (1, 32, 2, 4),
            (configuration.LayerCount, configuration.IntermediateSize, configuration.HeadsOf(0), configuration.HeadCount));
        Assert.True(folder.TryFind("bert.encoder.layer.0.attention.self.query.weight", out var query));
        Assert.Equal([16, 32], query.Shape);
        Assert.True(folder.TryFind("bert.encoder.layer.0.attention.output.dense.weight", out var output));
        Assert.Equal([32, 16], output.Shape);
    }

    [Fact]
    public void AnInterruptedRunGoesOnWithTheSameBits()
    {
        using var toy = Trained();
        void Change(JsonObject recipe) => Prune(recipe, """{ "heads": 1, "intermediate_size": 16, "examples": 50 }""");
        Run(toy.Recipe("whole", Change));
        var parts = toy.Recipe("parts", Change);
        using (var source = new CancellationTokenSource())
        {
            Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Run(
                Recipe.Load(parts), progress: new Moment(report => report is { Event: TrainingEvent.Step, Step: 9 }, source),
                cancellationToken: source.Token));
        }

        Trainer.Run(Recipe.Load(parts) with { Threads = 3 }, resume: true, cancellationToken: Cancelled);
        Assert.Equal(File.ReadAllBytes(toy.Path("whole/model.safetensors")), File.ReadAllBytes(toy.Path("parts/model.safetensors")));
    }

    /// <summary>The second stage of a recipe prunes what the first has trained.</summary>
    [Fact]
    public void ALaterStageMayPrune()
    {
        using var toy = new ToyTask();
        Run(toy.Recipe("out", recipe =>
        {
            var second = recipe["stages"]![0]!.DeepClone();
            (second["name"], second["epochs"], second["prune"]) = ("smaller", 1, new JsonObject { ["intermediate_size"] = 32 });
            recipe["stages"]!.AsArray().Add(second);
        }));
        Assert.Equal(32, ModelConfiguration.Load(toy.Path("out")).IntermediateSize);
        Assert.Equal(64, ModelConfiguration.Load(toy.Path("out/stages/toy")).IntermediateSize);
    }

    /// <summary>recipes/prune.json on a toy: its sizes and labels are those of the sentiment model.</summary>
    [Fact]
    public void TheShippedRecipePrunes()
    {
        using var toy = new ToyTask();
        Run(toy.Recipe("teacher", recipe =>
        {
            (recipe["model"]!["num_hidden_layers"], recipe["model"]!["intermediate_size"]) = (3, 1536);
            recipe["stages"]![0]!["labels"] = new JsonObject { ["0"] = "negative", ["neutral"] = "neutral", ["1"] = "positive" };
            recipe["stages"]![0]!["epochs"] = 0.3;
        }));
        var shipped = Path.Combine(AppContext.BaseDirectory, "Shipped", "prune.json");
        var recipe = JsonNode.Parse(
            File.ReadAllText(shipped), documentOptions: new() { CommentHandling = System.Text.Json.JsonCommentHandling.Skip })!;
        recipe["output"] = toy.Path("out");
        foreach (var files in (string[])["data", "evaluation"]) recipe["stages"]![0]![files]![0]!["file"] = "data.tsv";
        (recipe["stages"]![0]!["max_length"], recipe["stages"]![0]!["epochs"]) = (24, 0.2);
        File.WriteAllText(toy.Path("prune.json"), recipe.ToJsonString());
        Run(toy.Path("prune.json"));
        var configuration = ModelConfiguration.Load(toy.Path("out"));
        Assert.Equal((2, 768), (configuration.LayerCount, configuration.IntermediateSize));
    }

    [Theory]
    [InlineData("""{ }""", "stages[0].prune.layers")]
    [InlineData("""{ "layers": 3 }""", "prune.layers")]
    [InlineData("""{ "heads": 5 }""", "prune.heads")]
    [InlineData("""{ "intermediate_size": 65 }""", "prune.intermediate_size")]
    [InlineData("""{ "head": 2 }""", "stages[0].prune.head")]
    [InlineData("""{ "examples": 0, "heads": 2 }""", "stages[0].prune.examples")]
    public void WhatCannotBePrunedIsRefusedByName(string prune, string field)
    {
        using var toy = Trained(epochs: 0.1);
        var error = Assert.Throws<RecipeException>(() => Run(toy.Recipe("out", recipe => Prune(recipe, prune))));
        Assert.Equal(field, error.Field);
    }

    [Fact]
    public void SqueezeBertKeepsItsHeadsAndItsGroups()
    {
        using var toy = new ToyTask();
        Run(toy.Recipe("model", recipe => recipe["stages"]![0]!["epochs"] = 0.1));
        var heads = Assert.Throws<RecipeException>(() => Run(toy.Recipe("out", recipe => Prune(recipe, """{ "heads": 1 }"""))));
        Assert.Contains("has no field for fewer heads", heads.Message, StringComparison.Ordinal);
        var groups = Assert.Throws<RecipeException>(
            () => Run(toy.Recipe("out", recipe => Prune(recipe, """{ "intermediate_size": 30 }"""))));
        Assert.Contains("it must be a multiple of 4", groups.Message, StringComparison.Ordinal);
        Run(toy.Recipe("out", recipe => Prune(recipe, """{ "intermediate_size": 32 }""")));
        Assert.Equal(32, ModelConfiguration.Load(toy.Path("out")).IntermediateSize);
    }

    [Fact]
    public void AModelThatKnowsNothingOfTheTaskIsNotPruned()
    {
        using var toy = new ToyTask();
        var error = Assert.Throws<RecipeException>(() => Run(toy.Recipe("out", recipe =>
            recipe["stages"]![0]!["prune"] = new JsonObject { ["intermediate_size"] = 32 })));
        Assert.Equal("prune", error.Field);
        Assert.Contains("train it first", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A BERT of two layers with four heads each, which has learnt the toy's labels.</summary>
    private static ToyTask Trained(double epochs = 4)
    {
        var toy = new ToyTask();
        Run(toy.Recipe("model", recipe =>
        {
            var model = recipe["model"]!;
            (model["model_type"], model["num_hidden_layers"], model["num_attention_heads"]) = ("bert", 2, 4);
            recipe["stages"]![0]!["epochs"] = epochs;
        }));
        return toy;
    }

    private static void Prune(JsonObject recipe, string prune)
    {
        recipe.Remove("vocabulary");
        recipe.Remove("model");
        recipe["from"] = "model";
        (recipe["stages"]![0]!["teacher"], recipe["stages"]![0]!["prune"]) = ("model", JsonNode.Parse(prune));
        recipe["stages"]![0]!["epochs"] = 1;
    }

    private static TrainingResult Run(string recipe) => Trainer.Run(Recipe.Load(recipe), cancellationToken: Cancelled);

    private sealed class Moment(Func<TrainingProgress, bool> isIt, CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (isIt(value)) source.Cancel();
        }
    }
}
