using SqueezeBert.Evaluation;
using SqueezeBert.Training.Tests.Data;

namespace SqueezeBert.Training.Tests.Tasks;

public sealed class IntentsAndSlotsTests
{
    private const string Stage = """
        "task": "intents-and-slots", "data": [ { "file": "spoken.jsonl" } ], "epochs": 25
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void IntentsAndSlotsAreLearntTogether()
    {
        using var toy = SpokenToy.Make();
        var result = HeadRun.Train(toy, Stage);
        var figures = result.Evaluation!.Figures;
        Assert.True(SpokenToy.Majority(toy) < 0.6);
        Assert.True(figures["intent.accuracy"] > 0.9, $"accuracy {figures["intent.accuracy"]}");
        Assert.True(figures["slots.f1"] > 0.9, $"f1 {figures["slots.f1"]}");
        Assert.InRange(figures["frame_accuracy"], 0.8, Math.Min(figures["intent.accuracy"], 1));
        Assert.Equal((figures["intent.accuracy"] + figures["slots.f1"]) / 2, figures["score"], 12);
        Assert.Equal(figures["intent.loss"] + figures["slots.loss"], result.Evaluation.Loss, 9);

        using var model = InferenceModel.Load(toy.Path("out"));
        Assert.Equal(["intent", "slots"], model.Heads);
        Assert.Equal(["SqueezeBertModel"], model.Configuration.Architectures);
        using var intents = new TextClassifier(model);
        using var slots = new TokenClassifier(model);
        Assert.Equal("play", intents.Classify("w13 w1 w10", null, Token).Labels[0].Label);
        Assert.Equal("stop", intents.Classify("w11 w14", null, Token).Labels[0].Label);
        var slot = Assert.Single(slots.Classify("w13 w1 w10", null, Token).Entities);
        Assert.Equal(("A", "w1"), (slot.Label, slot.Text));
    }

    [Fact]
    public void ARunThatIsInterruptedGoesOn()
    {
        using var toy = SpokenToy.Make();
        HeadRun.AssertResumes(toy, Stage);
    }

    [Theory]
    [InlineData("x.jsonl", """{"words":["a"],"tags":["O"]}""", "intent")]
    [InlineData("x.jsonl", """{"words":["a"],"tags":["O"],"intent":""}""", "is empty")]
    [InlineData("x.conll", "a O\n", "JSON lines")]
    public void ASentenceNeedsAnIntent(string name, string text, string reason)
    {
        using var folder = new DataFolder();
        folder.Write(name, text);
        Assert.Contains(reason, Assert.Throws<DataFormatException>(() => folder.Read(StageOf(name))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnIntentThatIsOnlyEvaluatedIsAnError()
    {
        using var folder = new DataFolder();
        folder.Write("x.jsonl", """
            {"words":["a","b"],"tags":["O","B-X"],"intent":"i"}
            {"words":["a"],"tags":["O"],"intent":"j"}
            """);
        folder.Write("y.jsonl", """{"words":["a"],"tags":["O"],"intent":"k"}""");
        var stage = StageOf("x.jsonl");
        Assert.Equal(["O", "B-X"], folder.Read(stage).Labels);
        var error = Assert.Throws<DataFormatException>(() => folder.Read(stage with
        {
            Evaluation = [stage.Data[0] with { File = "y.jsonl" }],
        }));
        Assert.Contains("'k'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LongTextsAreCut()
    {
        using var toy = SpokenToy.Make();
        var error = Assert.Throws<RecipeException>(() => HeadRun.Train(toy, Stage + """, "long_texts": "windows" """));
        Assert.Equal("stages[0].long_texts", error.Field);
    }

    private static StageRecipe StageOf(string file) => new()
    {
        Name = "s",
        Task = TrainingTasks.IntentsAndSlots,
        HeldOut = 0,
        Data = [new DataSource { File = file, Text = "words", Label = "tags", Intent = "intent" }],
    };
}
