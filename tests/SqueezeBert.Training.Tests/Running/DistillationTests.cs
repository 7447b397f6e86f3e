using System.Text.Json;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Training.Tests.Running;

/// <summary>A student learns from its teacher, the same way each time.</summary>
public sealed class DistillationTests
{
    [Fact]
    public void AStudentComesNearItsTeacher()
    {
        using var toy = new ToyStudent();
        ToyStudent.Run(toy.Recipe("out", recipe => Stage(recipe)["steps"] = 150));
        var evaluations = Lines(toy.Place("out/metrics.jsonl"), "evaluation");
        var (first, last) = (evaluations[0], evaluations[^1]);

        // The start is measured too.
        Assert.Equal(0, first.GetProperty("step").GetInt64());
        Assert.True(Loss(last) < 0.5 * Loss(first), $"loss {Loss(first)}, at the end {Loss(last)}");
        var (from, to) = (Figure(first, "cosine"), Figure(last, "cosine"));
        Assert.True(1 - to < 0.5 * (1 - from), $"cosine {from}, at the end {to}");
        Assert.InRange(Figure(last, "spread"), 0.05, 1);
        Assert.InRange(Figure(last, "effective_rank"), 1.5, 32);
        Assert.InRange(Figure(last, "spearman"), -1, 1);

        static double Loss(JsonElement line) => line.GetProperty("loss").GetDouble();
        static double Figure(JsonElement line, string name) => line.GetProperty("figures").GetProperty(name).GetDouble();
    }

    [Fact]
    public void TheStudentIsASentenceEncoder()
    {
        using var toy = new ToyStudent();
        ToyStudent.Run(toy.Recipe("out", recipe => Stage(recipe)["steps"] = 2));
        using var student = TextEmbedder.Load(toy.Place("out"));
        Assert.Equal((SentencePooling.Mean, true, 11, "query"),
            (student.Settings.Pooling, student.Settings.Normalize, student.MaxLength, student.Settings.DefaultPromptName));
        using var folder = ModelFolder.Open(toy.Place("out"));
        Assert.Equal(["BertModel"], folder.Configuration.Architectures);
        Assert.All(folder.CompareWeights().Missing, name => Assert.StartsWith("pooler.", name, StringComparison.Ordinal));
    }

    [Fact]
    public void ThreadsDoNotShowInTheBits()
    {
        using var toy = new ToyStudent();
        ToyStudent.Run(toy.Recipe("one"));
        ToyStudent.Run(toy.Recipe("three"), threads: 3);
        Assert.Equal(toy.Weights("one"), toy.Weights("three"));
    }

    [Theory]
    [InlineData(TrainingEvent.Step, 13)]
    [InlineData(TrainingEvent.Step, 31)]
    [InlineData(TrainingEvent.Evaluation, 40)]
    public void AResumedRunHasTheBitsOfAWholeOne(TrainingEvent moment, long step)
    {
        using var toy = new ToyStudent();
        ToyStudent.Run(toy.Recipe("whole"));
        var recipe = toy.Recipe("parts");
        using (var source = new CancellationTokenSource())
        {
            Assert.ThrowsAny<OperationCanceledException>(() => ToyStudent.Run(
                recipe, progress: new Moment(report => report.Event == moment && report.Step == step, source), cancellation: source.Token));
        }

        ToyStudent.Run(recipe, resume: true);
        Assert.Equal(toy.Weights("whole"), toy.Weights("parts"));
    }

    [Fact]
    public void LayersAreLeftOutAfterTheirShareOfTheStage()
    {
        using var toy = new ToyStudent();
        byte[] Weights(string name, JsonObject losses)
        {
            ToyStudent.Run(toy.Recipe(name, recipe =>
            {
                Stage(recipe)["losses"] = losses;
                Stage(recipe)["steps"] = 4;
                Stage(recipe)["schedule"] = "constant";
            }));
            return toy.Weights(name);
        }

        static JsonObject Until(double share) =>
            new() { ["layer_pairs"] = new JsonArray(new JsonArray(1, 1)), ["layers_until"] = share };

        Assert.Equal(Weights("without", new JsonObject { ["layers"] = 0 }), Weights("never", Until(0)));
        Assert.NotEqual(toy.Weights("never"), Weights("half", Until(0.5)));
        Assert.NotEqual(toy.Weights("half"), Weights("always", Until(1)));
    }

    /// <summary>Alone, the losses on attention scores make the held-out loss small, which is theirs.</summary>
    [Fact]
    public void AttentionScoresAreLearnt()
    {
        using var toy = new ToyStudent();
        ToyStudent.Run(toy.Recipe("out", recipe =>
        {
            Stage(recipe)["losses"] = JsonNode.Parse(
                """{ "cosine": 0, "similarities": 0, "hidden_states": 1e-6, "layers": 0, "attentions": 1 }""");
            Stage(recipe)["steps"] = 120;
            Stage(recipe)["dropout"] = 0;
            Stage(recipe)["keep_best"] = false;
        }));
        var evaluations = Lines(toy.Place("out/metrics.jsonl"), "evaluation");
        var (first, last) = (evaluations[0].GetProperty("loss").GetDouble(), evaluations[^1].GetProperty("loss").GetDouble());
        Assert.True(last < 0.6 * first, $"loss {first}, at the end {last}");
    }

    [Fact]
    public void TokensEndAStage()
    {
        using var toy = new ToyStudent();
        var result = ToyStudent.Run(toy.Recipe("out", recipe =>
        {
            Stage(recipe).AsObject().Remove("steps");
            Stage(recipe)["tokens"] = 2000;
        }));
        Assert.InRange(result.Stages[0].Tokens, 2000, 2299);
    }

    [Fact]
    public void EachCheckpointIsCopied()
    {
        using var toy = new ToyStudent();
        var copy = toy.Place("elsewhere/copy");
        var recipe = toy.Recipe("out", recipe =>
        {
            recipe["copy_to"] = copy;
            Stage(recipe)["checkpoint_steps"] = 10;
        });
        var seen = new List<long>();
        using (var source = new CancellationTokenSource())
        {
            Assert.ThrowsAny<OperationCanceledException>(() => ToyStudent.Run(recipe, cancellation: source.Token, progress: new Moment(
                report =>
                {
                    if (report.Event == TrainingEvent.Saved && report.Message!.StartsWith("copy", StringComparison.Ordinal))
                        seen.Add(report.Step);
                    return report is { Event: TrainingEvent.Step, Step: 25 };
                }, source)));
        }

        Assert.Equal([10, 20, 25], seen);
        using (var state = JsonDocument.Parse(File.ReadAllText(Path.Combine(copy, "training.json"))))
            Assert.Equal(25, state.RootElement.GetProperty("step").GetInt64());
        using (var student = TextEmbedder.Load(copy)) Assert.Equal(SentencePooling.Mean, student.Settings.Pooling);
        using (var folder = ModelFolder.Open(copy))
        {
            Assert.True(folder.Tensors.TryGetTensor(folder.Tensors.Names.First(), out var info));
            Assert.Equal(TensorType.Float16, info.Type);
        }

        // A resumed run goes on copying; another run leaves the folder alone.
        ToyStudent.Run(recipe, resume: true);
        var error = Assert.Throws<RecipeException>(() => ToyStudent.Run(toy.Recipe("other", other => other["copy_to"] = copy)));
        Assert.Equal("copy_to", error.Field);
    }

    [Fact]
    public void TheCommandLineOfARecipeNeedNotBeItsFolders()
    {
        using var toy = new ToyStudent();
        var recipe = Recipe.Load(toy.Recipe("out", recipe =>
        {
            Stage(recipe)["teacher"] = "nowhere";
            Stage(recipe)["steps"] = 2;
        }));
        var error = Assert.Throws<RecipeException>(() => Trainer.Run(recipe, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal("teacher", error.Field);
        Assert.Contains("nowhere", error.Message, StringComparison.Ordinal);
        Trainer.Run(recipe with { Stages = [recipe.Stages[0] with { Teacher = toy.Teacher }] },
            cancellationToken: TestContext.Current.CancellationToken);
    }

    private static JsonNode Stage(JsonObject recipe) => recipe["stages"]![0]!;

    private static List<JsonElement> Lines(string path, string kind) =>
        [.. File.ReadLines(path).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.GetProperty("event").GetString() == kind)];

    private sealed class Moment(Func<TrainingProgress, bool> isIt, CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (isIt(value)) source.Cancel();
        }
    }
}
