using System.Text.Json;
using System.Text.Json.Nodes;

namespace SqueezeBert.Training.Tests.Running;

/// <summary>A run that is interrupted at a delicate moment, and goes on.</summary>
public sealed class InterruptionTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(TrainingEvent.Step, 5)]
    [InlineData(TrainingEvent.Evaluation, 5)]
    [InlineData(TrainingEvent.Evaluation, 35)]
    [InlineData(TrainingEvent.Step, 68)]
    [InlineData(TrainingEvent.Evaluation, 65)]
    public void AroundAnEvaluationNothingIsLost(TrainingEvent moment, long step)
    {
        using var toy = new ToyTask();
        void Often(JsonObject recipe)
        {
            var stage = recipe["stages"]![0]!;
            stage["epochs"] = 2;
            stage["evaluate_every"] = 5;
        }

        var whole = Trainer.Run(Recipe.Load(toy.Recipe("whole", Often)), cancellationToken: Cancelled);
        Assert.Equal(68, whole.Stages[0].Steps);
        var parts = Interrupt(toy.Recipe("parts", Often), report => report.Event == moment && report.Step == step);
        AssertSame(toy, whole, parts);
    }

    [Fact]
    public void PatienceThatIsOverStaysOver()
    {
        using var toy = new ToyTask();
        void Impatient(JsonObject recipe)
        {
            var stage = recipe["stages"]![0]!;
            stage["epochs"] = 50;
            stage["evaluate_every"] = 4;
            stage["patience"] = 2;
            stage["learning_rate"] = 1e-30;
            recipe["stages"]!.AsArray().Add(stage.DeepClone());
            recipe["stages"]![1]!["name"] = "second";
            recipe["stages"]![1]!["epochs"] = 0.2;
        }

        // The model does not move, so the first evaluation is the best and the third ends the stage; the interruption falls into the
        // reading of the second stage's data.
        var whole = Trainer.Run(Recipe.Load(toy.Recipe("whole", Impatient)), cancellationToken: Cancelled);
        Assert.Equal(12, whole.Stages[0].Steps);
        var parts = Interrupt(toy.Recipe("parts", Impatient), report => report.Event == TrainingEvent.Stage && report.StageIndex == 1);
        AssertSame(toy, whole, parts);
    }

    [Fact]
    public void ACheckpointOfBeforeTheEvaluationWasKeptIsRead()
    {
        using var toy = new ToyTask();
        var recipe = toy.Recipe("parts");
        Assert.Throws<OperationCanceledException>(() => Run(recipe, report => report.Step == 30, resume: false));
        var file = Path.Combine(Directory.EnumerateDirectories(toy.Path("parts/checkpoints")).Max()!, "state.json");
        var state = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        Assert.True(state.Remove("evaluation"));
        File.WriteAllText(file, state.ToJsonString());
        Trainer.Run(Recipe.Load(recipe), resume: true, cancellationToken: Cancelled);
        Trainer.Run(Recipe.Load(toy.Recipe("whole")), cancellationToken: Cancelled);
        Assert.Equal(File.ReadAllBytes(toy.Path("whole/model.safetensors")), File.ReadAllBytes(toy.Path("parts/model.safetensors")));
    }

    [Fact]
    public void ATrainingThatDivergesEndsWithAMessage()
    {
        using var toy = new ToyTask();
        var recipe = Recipe.Load(toy.Recipe("out", recipe =>
        {
            recipe["stages"]![0]!["learning_rate"] = 10;
            recipe["stages"]![0]!["weight_decay"] = 10;
            recipe["stages"]![0]!["warmup"] = 0;
            recipe["stages"]![0]!["epochs"] = 100;
            recipe["stages"]![0]!["schedule"] = "constant";
        }));
        var error = Assert.Throws<InvalidOperationException>(() => Trainer.Run(recipe, cancellationToken: Cancelled));
        Assert.Matches("^stage 'toy': the loss is (NaN|-?Infinity) at step \\d+; .*lower learning_rate", error.Message);
    }

    [Fact]
    public void ARunThatStartsAnewStartsItsMetricsAnew()
    {
        using var toy = new ToyTask();
        Directory.CreateDirectory(toy.Path("out"));
        File.WriteAllText(toy.Path("out/metrics.jsonl"), "of another run\n");
        Trainer.Run(Recipe.Load(toy.Recipe("out", recipe => recipe["stages"]![0]!["epochs"] = 0.1)), cancellationToken: Cancelled);
        Assert.All(File.ReadAllLines(toy.Path("out/metrics.jsonl")), line => JsonDocument.Parse(line).Dispose());
    }

    private static TrainingResult Interrupt(string recipe, Func<TrainingProgress, bool> moment)
    {
        Assert.ThrowsAny<OperationCanceledException>(() => Run(recipe, moment, resume: false));
        Assert.True(Trainer.CanResume(Recipe.Load(recipe)));
        return Run(recipe, _ => false, resume: true);
    }

    private static TrainingResult Run(string recipe, Func<TrainingProgress, bool> moment, bool resume)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        return Trainer.Run(Recipe.Load(recipe), resume, new Moment(moment, source), source.Token);
    }

    private static void AssertSame(ToyTask toy, TrainingResult whole, TrainingResult parts)
    {
        Assert.Equal(File.ReadAllBytes(toy.Path("whole/model.safetensors")), File.ReadAllBytes(toy.Path("parts/model.safetensors")));
        Assert.Equal(Evaluations(toy.Path("whole/metrics.jsonl")), Evaluations(toy.Path("parts/metrics.jsonl")));
        foreach (var (expected, actual) in whole.Stages.Zip(parts.Stages))
        {
            Assert.Equal((expected.Name, expected.Steps, expected.Tokens), (actual.Name, actual.Steps, actual.Tokens));
            Assert.Equal((expected.Evaluation!.Loss, expected.Evaluation.Accuracy, expected.Evaluation.Examples),
                (actual.Evaluation!.Loss, actual.Evaluation.Accuracy, actual.Evaluation.Examples));
            Assert.Equal(expected.Evaluation.BySource, actual.Evaluation.BySource);
        }
    }

    // What was evaluated, when and with which result.
    private static List<string> Evaluations(string metrics)
    {
        var lines = File.ReadAllLines(metrics).Select(line => JsonNode.Parse(line)!.AsObject())
            .Where(line => (string?)line["event"] == "evaluation").ToList();
        foreach (var line in lines) line.Remove("seconds");
        return [.. lines.Select(line => line.ToJsonString())];
    }

    private sealed class Moment(Func<TrainingProgress, bool> isIt, CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        void IProgress<TrainingProgress>.Report(TrainingProgress value)
        {
            if (isIt(value)) source.Cancel();
        }
    }
}
