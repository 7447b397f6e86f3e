using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Training.Tests.Running;

public sealed class TrainerTests
{
    /// <summary>A folder without config.json can hold a model too: another tool's, or a part of one.</summary>
    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("model.safetensors.index.json")]
    [InlineData("pytorch_model.bin")]
    [InlineData("encoder.onnx")]
    [InlineData("vocab.txt")]
    [InlineData("tokenizer.json")]
    public void AnOutputFolderWithAFileOfAModelIsLeftAlone(string name)
    {
        using var toy = new ToyTask();
        Directory.CreateDirectory(toy.Path("out"));
        File.WriteAllText(toy.Path("out/" + name), "precious");
        File.WriteAllText(toy.Path("out/metrics.jsonl"), "precious");
        var recipe = Recipe.Load(toy.Recipe("out"));
        foreach (var resume in (bool[])[false, true])
        {
            var error = Assert.Throws<RecipeException>(() => Trainer.Run(
                recipe, resume, cancellationToken: TestContext.Current.CancellationToken));
            Assert.Equal("output", error.Field);
            Assert.Contains($"'{name}'", error.Message, StringComparison.Ordinal);
            Assert.Contains("name another folder", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal([name, "metrics.jsonl"], Directory.EnumerateFileSystemEntries(toy.Path("out")).Select(Path.GetFileName)
            .OrderBy(entry => entry == "metrics.jsonl"));
        Assert.All(Directory.GetFiles(toy.Path("out")), file => Assert.Equal("precious", File.ReadAllText(file)));
    }

    [Fact]
    public void LearnsAToyTaskAndSavesAModelThatLoads()
    {
        using var toy = new ToyTask();
        var result = Trainer.Run(Recipe.Load(toy.Recipe("out", recipe => recipe["stages"]![0]!["epochs"] = 12)),
            cancellationToken: TestContext.Current.CancellationToken);
        var stage = Assert.Single(result.Stages);
        Assert.True(stage.Evaluation!.Accuracy > 0.9, $"accuracy {stage.Evaluation.Accuracy}");
        using var folder = ModelFolder.Open(toy.Path("out"));
        Assert.Equal(["negative", "positive"], folder.Configuration.Labels);
        Assert.Equal("SqueezeBertForSequenceClassification", folder.Configuration.Architectures[0]);
        Assert.True(folder.TryFind("transformer.encoder.layers.0.attention.query.weight", out var info));
        Assert.Equal([32, 8, 1], info.Shape);
        Assert.True(File.Exists(toy.Path("out/vocab.txt")));
        Assert.False(Directory.Exists(toy.Path("out/checkpoints")));
        Assert.Contains("\"event\":\"evaluation\"", File.ReadAllText(toy.Path("out/metrics.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public void TheBestEvaluationHasTheHighestAccuracyAndOfEqualOnesTheLowestLoss()
    {
        using var toy = new ToyTask();
        var result = Trainer.Run(Recipe.Load(toy.Recipe("out", recipe => recipe["stages"]![0]!["epochs"] = 14)),
            cancellationToken: TestContext.Current.CancellationToken);
        var (bestAccuracy, bestLoss, ties) = (-1.0, 0.0, 0);
        foreach (var line in File.ReadLines(toy.Path("out/metrics.jsonl")).Select(line => JsonNode.Parse(line)!)
            .Where(line => (string?)line["event"] == "evaluation"))
        {
            var (accuracy, loss) = ((double)line["accuracy"]!, (double)line["loss"]!);
            var isTie = accuracy == bestAccuracy && loss < bestLoss;
            Assert.Equal(accuracy > bestAccuracy || isTie, (bool)line["best"]!);
            if (isTie) ties++;
            if ((bool)line["best"]!) (bestAccuracy, bestLoss) = (accuracy, loss);
        }

        Assert.True(ties > 0, "no evaluation was as accurate as the best one and had a lower loss");
        Assert.Equal((bestAccuracy, bestLoss), (result.Stages[0].Evaluation!.Accuracy!.Value, result.Stages[0].Evaluation!.Loss));
    }

    [Fact]
    public void OneThreadGivesTheBitsOfTwoAndThree()
    {
        using var toy = new ToyTask();
        var files = Enumerable.Range(1, 3).Select(threads =>
        {
            Trainer.Run(Recipe.Load(toy.Recipe($"threads{threads}", recipe => recipe["threads"] = threads)),
                cancellationToken: TestContext.Current.CancellationToken);
            return File.ReadAllBytes(toy.Path($"threads{threads}/model.safetensors"));
        }).ToList();
        Assert.Equal(files[0], files[1]);
        Assert.Equal(files[0], files[2]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(34)]
    [InlineData(77)]
    public void AResumedRunGivesTheBitsOfAnUninterruptedOne(int interruptedAfter)
    {
        using var toy = new ToyTask();
        Trainer.Run(Recipe.Load(toy.Recipe("whole", TwoStages)), cancellationToken: TestContext.Current.CancellationToken);
        var recipe = toy.Recipe("parts", TwoStages);
        using var source = new CancellationTokenSource();
        var steps = 0;
        var progress = new Report(report =>
        {
            if (report.Event == TrainingEvent.Step && ++steps == interruptedAfter) source.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Run(
            Recipe.Load(recipe), progress: progress, cancellationToken: source.Token));
        Assert.NotEmpty(Directory.EnumerateDirectories(toy.Path("parts/checkpoints")));
        Assert.Contains("--resume", Assert.Throws<RecipeException>(() => Trainer.Run(Recipe.Load(recipe))).Message,
            StringComparison.Ordinal);

        // Other threads, too.
        Trainer.Run(Recipe.Load(recipe) with { Threads = 2 }, resume: true, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(File.ReadAllBytes(toy.Path("whole/model.safetensors")), File.ReadAllBytes(toy.Path("parts/model.safetensors")));
    }

    [Fact]
    public void ARecipeThatChangedIsNotResumed()
    {
        using var toy = new ToyTask();
        using var source = new CancellationTokenSource();
        var progress = new Report(report =>
        {
            if (report.Step == 3) source.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Run(
            Recipe.Load(toy.Recipe("out")), progress: progress, cancellationToken: source.Token));
        var changed = toy.Recipe("out", recipe => recipe["stages"]![0]!["learning_rate"] = 1e-3);
        Assert.Contains("has changed", Assert.Throws<RecipeException>(() => Trainer.Run(Recipe.Load(changed), resume: true)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void StartsFromASavedModel()
    {
        using var toy = new ToyTask();
        Trainer.Run(Recipe.Load(toy.Recipe("first", recipe => recipe["stages"]![0]!["epochs"] = 10)),
            cancellationToken: TestContext.Current.CancellationToken);
        var result = Trainer.Run(
            Recipe.Load(toy.Recipe("second", recipe =>
            {
                recipe.Remove("vocabulary");
                recipe.Remove("model");
                recipe["from"] = "first";
                recipe["stages"]![0]!["epochs"] = 0.1;
                recipe["stages"]![0]!["learning_rate"] = 1e-6;
            })),
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(result.Stages[0].Evaluation!.Accuracy > 0.85, $"accuracy {result.Stages[0].Evaluation!.Accuracy}");
    }

    // A masked-language stage first: the interruptions fall into both stages.
    private static void TwoStages(JsonObject recipe)
    {
        var stage = JsonNode.Parse("""
            { "name": "words", "task": "masked-language", "data": [ { "file": "plain.txt" } ], "max_length": 24, "epochs": 1.5, "batch_tokens": 400, "micro_batch_tokens": 150,
              "learning_rate": 3e-3, "checkpoint_minutes": 0, "checkpoint_steps": 7 }
            """);
        recipe["stages"]!.AsArray().Insert(0, stage);
        recipe["stages"]![1]!["epochs"] = 1.6;
        recipe["stages"]![1]!["data"]![0]!["weight"] = 1.3;
    }

    private sealed class Report(Action<TrainingProgress> action) : IProgress<TrainingProgress>
    {
        void IProgress<TrainingProgress>.Report(TrainingProgress value) => action(value);
    }
}
