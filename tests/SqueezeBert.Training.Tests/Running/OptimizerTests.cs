using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Training.Tests.Running;

/// <summary>Optimizers, frozen parts and the mean of the weights in a run.</summary>
public sealed class OptimizerTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    // Settings, and the accuracy that they reach: with tables that stay as they are, or learn slowly, less.
    public static TheoryData<string, double> Settings => new()
    {
        { """{ "optimizer": "lamb", "learning_rate": 0.02 }""", 0.9 },
        { """{ "layer_decay": 0.7 }""", 0.75 },
        { """{ "freeze": "embeddings" }""", 0.7 },
        { """{ "weight_average": 0.95 }""", 0.9 },
        { """{ "lora": { "rank": 4, "alpha": 64, "projections": ["query", "value", "output", "intermediate"] } }""", 0.6 },
        {
            """
            { "optimizer": "lamb", "learning_rate": 0.02, "freeze": "embeddings", "layer_decay": 0.8, "weight_average": 0.9,
              "keep_best": false }
            """,
            0.6
        },
    };

    /// <summary>It learns something, with other bits than AdamW alone; killed and resumed, with the same bits as a whole run.</summary>
    [Theory]
    [MemberData(nameof(Settings))]
    public void EachLearnsAndResumesWithTheSameBits(string settings, double accuracy)
    {
        using var toy = new ToyTask();
        void Change(JsonObject recipe)
        {
            // LAMB moves weights in shares of their size: small ones would take many steps to become large.
            recipe["model"]!["initializer_range"] = 0.2;
            Set(recipe, settings);
        }

        var plain = Run(toy.Recipe("plain"));
        var whole = Run(toy.Recipe("whole", Change));
        Assert.True(whole.Stages[0].Evaluation!.Accuracy >= accuracy, $"accuracy {whole.Stages[0].Evaluation!.Accuracy}");
        Assert.NotEqual(Weights(toy, "plain"), Weights(toy, "whole"));
        Assert.Equal(plain.Stages[0].Steps, whole.Stages[0].Steps);
        var parts = toy.Recipe("parts", Change);
        using (var source = new CancellationTokenSource())
        {
            Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Run(
                Recipe.Load(parts), progress: new Moment(report => report is { Event: TrainingEvent.Step, Step: 33 }, source),
                cancellationToken: source.Token));
        }

        Trainer.Run(Recipe.Load(parts) with { Threads = 3 }, resume: true, cancellationToken: Cancelled);
        Assert.Equal(Weights(toy, "whole"), Weights(toy, "parts"));
    }

    [Theory]
    [InlineData("\"embeddings\"", "embeddings.", "layers.0")]
    [InlineData("1", "embeddings.", "classifier")]
    [InlineData("\"encoder\"", "layers.0", "classifier")]
    public void FrozenPartsKeepTheirBits(string frozen, string same, string different)
    {
        using var toy = new ToyTask();
        Run(toy.Recipe("start", recipe => Set(recipe, """{ "epochs": 0.3 }""")));
        Run(toy.Recipe("out", recipe =>
        {
            From(recipe, "start");
            Set(recipe, $$"""{ "freeze": {{frozen}}, "epochs": 0.5, "keep_best": false }""");
        }));
        using ModelFolder before = ModelFolder.Open(toy.Path("start")), after = ModelFolder.Open(toy.Path("out"));
        var names = before.Tensors.Names.ToList();
        Assert.Contains(names, name => name.Contains(same, StringComparison.Ordinal));
        foreach (var name in names.Where(name => name.Contains(same, StringComparison.Ordinal)))
            Assert.Equal(Values(before, name), Values(after, name));
        Assert.Contains(names.Where(name => name.Contains(different, StringComparison.Ordinal)),
            name => !Values(before, name).SequenceEqual(Values(after, name)));
    }

    [Fact]
    public void TheMeanIsWhatIsEvaluatedAndSaved()
    {
        using var toy = new ToyTask();
        var result = Run(toy.Recipe("mean", recipe => Set(recipe, """{ "weight_average": 0.99, "keep_best": false, "epochs": 1 }""")));
        Run(toy.Recipe("last", recipe => Set(recipe, """{ "keep_best": false, "epochs": 1 }""")));
        Assert.NotEqual(Weights(toy, "mean"), Weights(toy, "last"));

        // Trained no further, the saved model gives the figures of the last evaluation.
        var again = Run(toy.Recipe("again", recipe =>
        {
            From(recipe, "mean");
            Set(recipe, """{ "learning_rate": 1e-30, "weight_decay": 0, "steps": 1, "keep_best": false }""");
        }));
        Assert.Equal(result.Stages[0].Evaluation!.Loss, again.Stages[0].Evaluation!.Loss, 1e-6);
    }

    /// <summary>The saved model is an ordinary one, of whose tensors the adapted ones and the head's have moved.</summary>
    [Fact]
    public void AdaptersAreAddedToTheSavedWeights()
    {
        using var toy = new ToyTask();
        Run(toy.Recipe("start", recipe => Set(recipe, """{ "epochs": 0.3 }""")));
        var result = Run(toy.Recipe("out", recipe =>
        {
            From(recipe, "start");
            Set(recipe, """{ "lora": { "rank": 3, "projections": ["value", "intermediate"] }, "keep_best": false, "epochs": 2 }""");
        }));
        using (ModelFolder before = ModelFolder.Open(toy.Path("start")), after = ModelFolder.Open(toy.Path("out")))
        {
            Assert.Equal(before.Tensors.Names.Order(), after.Tensors.Names.Order());
            foreach (var name in before.Tensors.Names)
            {
                var isTrained = name.Contains("value.weight", StringComparison.Ordinal)
                    || name.Contains("intermediate.conv1d.weight", StringComparison.Ordinal)
                    || name.StartsWith("classifier", StringComparison.Ordinal) || name.Contains("pooler", StringComparison.Ordinal);
                Assert.Equal(isTrained, !Values(before, name).SequenceEqual(Values(after, name)));
            }
        }

        // Trained no further, and without adapters, it gives the figures of the last evaluation.
        var again = Run(toy.Recipe("again", recipe =>
        {
            From(recipe, "out");
            Set(recipe, """{ "learning_rate": 1e-30, "weight_decay": 0, "steps": 1, "keep_best": false }""");
        }));
        Assert.Equal(result.Stages[0].Evaluation!.Loss, again.Stages[0].Evaluation!.Loss, 1e-5);
    }

    [Theory]
    [InlineData("""{ "optimizer": "sgd" }""", "stages[0].optimizer")]
    [InlineData("""{ "freeze": "head" }""", "stages[0].freeze")]
    [InlineData("""{ "freeze": 0 }""", "stages[0].freeze")]
    [InlineData("""{ "freeze": 2 }""", "freeze")]
    [InlineData("""{ "layer_decay": 1.5 }""", "stages[0].layer_decay")]
    [InlineData("""{ "weight_average": 1 }""", "stages[0].weight_average")]
    [InlineData("""{ "lora": { "rank": 0 } }""", "stages[0].lora.rank")]
    [InlineData("""{ "lora": { "width": 4 } }""", "stages[0].lora.width")]
    [InlineData("""{ "lora": { "projections": [] } }""", "stages[0].lora.projections")]
    [InlineData("""{ "lora": { "projections": ["q"] } }""", "lora.projections")]
    [InlineData("""{ "lora": { }, "freeze": "encoder" }""", "stages[0].freeze")]
    public void WhatCannotBeIsRefusedByName(string settings, string field)
    {
        using var toy = new ToyTask();
        var error = Assert.Throws<RecipeException>(() => Run(toy.Recipe("out", recipe => Set(recipe, settings))));
        Assert.Equal(field, error.Field);
    }

    [Fact]
    public void AnEncoderThatIsAllFrozenCannotBeDistilledInto()
    {
        using var toy = new ToyStudent();
        var error = Assert.Throws<RecipeException>(() => ToyStudent.Run(
            toy.Recipe("out", recipe => recipe["stages"]![0]!["freeze"] = "encoder")));
        Assert.Equal("freeze", error.Field);
    }

    internal static void Set(JsonObject recipe, string settings)
    {
        var stage = recipe["stages"]![0]!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(settings)!.AsObject()) stage[name] = value?.DeepClone();
    }

    internal static void From(JsonObject recipe, string folder)
    {
        recipe.Remove("vocabulary");
        recipe.Remove("model");
        recipe["from"] = folder;
    }

    private static TrainingResult Run(string recipe) => Trainer.Run(Recipe.Load(recipe), cancellationToken: Cancelled);

    private static byte[] Weights(ToyTask toy, string name) => File.ReadAllBytes(toy.Path(name + "/model.safetensors"));

    private static float[] Values(ModelFolder folder, string name)
    {
        Assert.True(folder.Tensors.TryGetTensor(name, out var info));
        var values = new float[info.ElementCount];
        folder.Tensors.ReadFloats(name, values);
        return values;
    }

    private sealed class Moment(Func<TrainingProgress, bool> isIt, CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (isIt(value)) source.Cancel();
        }
    }
}
