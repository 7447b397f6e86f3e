using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Training.Tests.Running;

/// <summary>What a run tells before and after, and in which type it saves.</summary>
public sealed class ResultTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void TheKeptStepIsThatOfTheBestEvaluation()
    {
        using var toy = new ToyTask();
        var stage = Run(toy.Recipe("out", recipe => recipe["stages"]![0]!["epochs"] = 6)).Stages[0];
        var evaluations = File.ReadLines(toy.Path("out/metrics.jsonl")).Select(line => JsonNode.Parse(line)!)
            .Where(line => (string?)line["event"] == "evaluation").ToList();
        Assert.Equal(evaluations.Count, stage.Evaluations);
        Assert.Equal((long)evaluations.Last(line => (bool)line["best"]!)["step"]!, stage.KeptStep);
        stage = Run(toy.Recipe("last", recipe => recipe["stages"]![0]!["keep_best"] = false)).Stages[0];
        Assert.Equal(stage.Steps, stage.KeptStep);
    }

    [Fact]
    public void ALinearModelStandsBesideTheResultUnlessTheRecipeSaysNo()
    {
        using var toy = new ToyTask();
        void Short(JsonObject recipe) => recipe["stages"]![0]!["epochs"] = 0.1;
        var stage = Run(toy.Recipe("out", Short)).Stages[0];
        Assert.InRange(stage.BaselineAccuracy!.Value, 0.85, 1);
        stage = Run(toy.Recipe("without", recipe =>
        {
            Short(recipe);
            recipe["stages"]![0]!["baseline"] = false;
        })).Stages[0];
        Assert.Null(stage.BaselineAccuracy);
        stage = Run(toy.Recipe("all", recipe =>
        {
            Short(recipe);
            recipe["stages"]![0]!["held_out"] = 0;
        })).Stages[0];
        Assert.Null(stage.BaselineAccuracy);
    }

    [Fact]
    public void TheExpectedTimeComesBeforeTheFirstStep()
    {
        using var toy = new ToyTask();
        var events = new List<TrainingProgress>();
        Trainer.Run(Recipe.Load(toy.Recipe("out", recipe => recipe["stages"]![0]!["minutes"] = 0.05)), progress: new Report(events.Add),
            cancellationToken: Cancelled);
        var first = events.FindIndex(report => report.Event == TrainingEvent.Step);
        var expected = Assert.Single(events[..first], report => report.Remaining is not null);
        Assert.Matches("^[0-9,]+ tokens to train on, about 0:00:0[0-3] on this machine", expected.Message);
        Assert.InRange(expected.Remaining!.Value.TotalSeconds, 1e-6, 3);
    }

    [Theory]
    [InlineData(TensorType.Float16)]
    [InlineData(TensorType.BFloat16)]
    public void TheResultHasTheTypeOfTheStart(TensorType type)
    {
        using var toy = new ToyTask();
        Run(toy.Recipe("start", recipe => recipe["precision"] = type == TensorType.Float16 ? "float16" : "bfloat16"));
        Assert.Equal([type], Types(toy, "start"));
        Run(toy.Recipe("tuned", From));
        Assert.Equal([type], Types(toy, "tuned"));
        Run(toy.Recipe("asked", recipe =>
        {
            From(recipe);
            recipe["precision"] = "float32";
        }));
        Assert.Equal([TensorType.Float32], Types(toy, "asked"));
    }

    [Fact]
    public void AWeightBeyondTheStartsTypeIsSavedAsFloat32()
    {
        using var toy = new ToyTask();
        Run(toy.Recipe("start", recipe => recipe["precision"] = "float16"));
        var recipe = Recipe.Load(toy.Recipe("out", From));

        // One step moves each weight by about the learning rate, beyond the 65,504 of float16. No recipe's file may ask for such a rate.
        var stage = recipe.Stages[0] with { LearningRate = 1e6, Warmup = 0, Steps = 1, Epochs = null, HeldOut = 0 };
        var far = recipe with { Stages = [stage] };
        var messages = new List<string>();
        Trainer.Run(far, progress: new Report(report => messages.Add(report.Message ?? "")), cancellationToken: Cancelled);
        Assert.Equal([TensorType.Float32], Types(toy, "out"));
        Assert.Contains(messages, text => text.Contains("beyond the range of Float16", StringComparison.Ordinal));
    }

    private static TrainingResult Run(string recipe) => Trainer.Run(Recipe.Load(recipe), cancellationToken: Cancelled);

    private static void From(JsonObject recipe)
    {
        recipe.Remove("vocabulary");
        recipe.Remove("model");
        recipe["from"] = "start";
        recipe["stages"]![0]!["epochs"] = 0.1;
    }

    private static TensorType[] Types(ToyTask toy, string name)
    {
        using var folder = ModelFolder.Open(toy.Path(name));
        return [.. folder.Tensors.Names.Select(tensor =>
        {
            Assert.True(folder.Tensors.TryGetTensor(tensor, out var info));
            return info.Type;
        }).Distinct()];
    }

    private sealed class Report(Action<TrainingProgress> action) : IProgress<TrainingProgress>
    {
        void IProgress<TrainingProgress>.Report(TrainingProgress value) => action(value);
    }
}
