using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Training.Tests.Tasks;

public sealed class JointTests
{
    private const string Sentiment =
        """{ "name": "mood", "task": "single-label", "data": [ { "file": "data.tsv", "text": "sentence" } ], "held_out": 5 }""";

    private const string Names =
        """{ "name": "names", "task": "token-classification", "data": [ { "file": "names.conll" } ], "held_out": 5, "weight": 0.5 }""";

    private const string Words = """{ "name": "words", "task": "masked-language", "data": [ { "file": "plain.txt", "weight": 6 } ] }""";

    private const string Spoken =
        """{ "name": "home", "task": "intents-and-slots", "data": [ { "file": "spoken.jsonl" } ], "held_out": 5 }""";

    private const string Two = $$"""
        "task": "joint", "heads": [ {{Sentiment}}, {{Names}} ], "epochs": 5, "data": null
        """;

    private const string Four = $$"""
        "task": "joint", "heads": [ {{Sentiment}}, {{Names}}, {{Words}}, {{Spoken}} ], "epochs": 10, "data": null
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void EveryHeadIsLearntFromItsOwnData()
    {
        using var toy = SpokenToy.Make();
        var result = HeadRun.Train(toy, Four);
        var figures = result.Evaluation!.Figures;
        Assert.True(figures["mood.accuracy"] > 0.8, $"mood {figures["mood.accuracy"]}");
        Assert.True(figures["names.f1"] > 0.9, $"names {figures["names.f1"]}");
        Assert.True(figures["home.intent.accuracy"] > 0.9, $"intent {figures["home.intent.accuracy"]}");
        Assert.True(figures["home.slots.f1"] > 0.9, $"slots {figures["home.slots.f1"]}");
        Assert.True(figures["words.accuracy"] > 0.4, $"words {figures["words.accuracy"]}");
        Assert.Equal(
            (figures["mood.accuracy"] + figures["names.f1"] - figures["words.loss"] + figures["home.score"]) / 4, figures["score"], 9);
        Assert.Equal(
            figures["mood.loss"] + (0.5 * figures["names.loss"]) + figures["words.loss"] + figures["home.loss"], result.Evaluation.Loss, 9);
        Assert.Contains("mood: data.tsv", result.Evaluation.BySource.Keys);

        using var model = InferenceModel.Load(toy.Path("out"));
        Assert.Equal(["mood", "names", "words", "home-intent", "home-slots"], model.Heads);
        using var mood = new TextClassifier(model, new TextClassifierOptions { Head = "mood" });
        using var intents = new TextClassifier(model, new TextClassifierOptions { Head = "home-intent" });
        using var names = new TokenClassifier(model, new TokenClassifierOptions { Head = "names" });
        using var filler = new MaskFiller(model);
        Assert.Equal("1", mood.Classify("w0 w1 w2 w12", null, Token).Labels[0].Label);
        Assert.Equal("play", intents.Classify("w13 w10 w14", null, Token).Labels[0].Label);
        Assert.Equal("A", Assert.Single(names.Classify("w13 w2 w14", null, Token).Entities).Label);
        Assert.Equal(5, filler.Fill("w3 [MASK] w5", cancellationToken: Token).Masks[0].Tokens.Count);
    }

    [Fact]
    public void AHeadIsComparedWithItsOwnDataOnly()
    {
        using var toy = SpokenToy.Make();
        File.WriteAllLines(toy.Path("copies.tsv"), File.ReadLines(toy.Path("data.tsv")).Take(21));

        // Both heads have the same texts, on different sides.
        const string Mood = """
            { "name": "mood", "task": "single-label", "data": [ { "file": "data.tsv", "text": "sentence" } ],
              "evaluation": [ { "file": "other.tsv", "text": "sentence" } ] }
            """;
        const string Same = """
            { "name": "same", "task": "single-label", "data": [ { "file": "other.tsv", "text": "sentence" } ],
              "evaluation": [ { "file": "copies.tsv", "text": "sentence" } ] }
            """;
        File.WriteAllLines(toy.Path("other.tsv"), ["sentence\tlabel", .. Others(0, "1"), .. Others(1, "0")]);
        const string Run = $$"""
            "task": "joint", "heads": [ {{Mood}}, {{Same}} ], "steps": 1, "epochs": null, "data": null
            """;
        var result = HeadRun.Train(toy, Run);
        Assert.Equal((0, "mood"), (result.Overlap, result.OverlapHead));

        // One head's copies are told with its name.
        var messages = new List<string>();
        File.Copy(toy.Path("copies.tsv"), toy.Path("other.tsv"), overwrite: true);
        Directory.Delete(toy.Path("out"), recursive: true);
        result = HeadRun.Train(toy, Run.Replace("""
            "evaluation": [ { "file": "other.tsv", "text": "sentence" } ] }
            """, """
            "held_out": 50 }
            """, StringComparison.Ordinal), messages.Add);
        Assert.Equal((1, "same"), (result.Overlap, result.OverlapHead));
        var warning = Assert.Single(messages, message => message.StartsWith("warning", StringComparison.Ordinal));
        Assert.StartsWith("warning: 100 % of the evaluated texts of the head 'same' are nearly", warning, StringComparison.Ordinal);

        static IEnumerable<string> Others(int first, string label) =>
            Enumerable.Range(0, 9).Select(i => string.Join(' ', Enumerable.Repeat($"w{first + i}", 15 + i)) + "\t" + label);
    }

    [Fact]
    public void ARunThatIsInterruptedGoesOn()
    {
        using var toy = SpokenToy.Make();
        HeadRun.AssertResumes(toy, Four);
    }

    [Fact]
    public void HeadsThatALaterStageDoesNotTrainStayAsTheyAre()
    {
        using var toy = SpokenToy.Make();
        var recipe = toy.Recipe("out", recipe =>
        {
            var stages = recipe["stages"]!.AsArray();
            stages.Insert(0, JsonNode.Parse("{ \"name\": \"first\", \"max_length\": 24, " + Two + ", \"steps\": 4 }"));
            stages[1]!.AsObject().Remove("labels");
            stages[1]!["steps"] = 3;
        });
        Trainer.Run(Recipe.Load(recipe), cancellationToken: Token);
        using var first = ModelFolder.Open(toy.Path("out/stages/first"));
        using var last = ModelFolder.Open(toy.Path("out"));
        AssertSame(first, last, "heads.mood.classifier.weight", "heads.names.classifier.weight", "heads.names.classifier.bias");
        Assert.Equal("SqueezeBertForSequenceClassification", last.Configuration.Architectures[0]);
        Assert.Equal(["mood", "names"], last.Configuration.NamedHeads.Select(head => head.Name));
        const string Moved = "encoder.layers.0.intermediate.conv1d.weight";
        Assert.NotEqual(Read(first, Moved), Read(last, "transformer." + Moved));
        using var model = InferenceModel.Load(toy.Path("out"));
        Assert.Equal(["sequence classification", "mood", "names"], model.Heads);
    }

    [Fact]
    public void ALaterRunGoesOnWithOneHeadAndKeepsTheOthers()
    {
        using var toy = SpokenToy.Make();
        HeadRun.Train(toy, Two + """, "steps": 4""");
        Tune("tuned", $$"""[ {{Sentiment}}, {{Spoken}} ]""");
        using var before = ModelFolder.Open(toy.Path("out"));
        using var after = ModelFolder.Open(toy.Path("tuned"));
        Assert.Equal(["mood", "names", "home-intent", "home-slots"], after.Configuration.NamedHeads.Select(head => head.Name));
        AssertSame(before, after, "heads.names.classifier.weight");
        Assert.Equal(before.Configuration.NamedHeads[0].Labels, after.Configuration.NamedHeads[0].Labels);

        // What the head has learnt is where it goes on from: at this rate it hardly moves.
        var (old, tuned) = (Read(before, "heads.mood.classifier.weight"), Read(after, "heads.mood.classifier.weight"));
        Assert.All(old.Zip(tuned), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));

        // Other labels are another head, which begins at random.
        const string Labels = """ "labels": { "1": "good", "0": "bad" }, "held_out" """;
        Tune("other", $"[ {Sentiment.Replace("\"held_out\"", Labels, StringComparison.Ordinal)} ]");
        using var other = ModelFolder.Open(toy.Path("other"));
        Assert.Equal(["good", "bad"], other.Configuration.NamedHeads[0].Labels);
        Assert.True(old.Zip(Read(other, "heads.mood.classifier.weight")).Max(pair => Math.Abs(pair.First - pair.Second)) > 1e-3);

        void Tune(string name, string heads) => Trainer.Run(Recipe.Load(toy.Recipe(name, recipe =>
        {
            recipe.Remove("vocabulary");
            recipe.Remove("model");
            recipe["from"] = "out";
            recipe["stages"]![0] = JsonNode.Parse(
                $$"""{ "task": "joint", "heads": {{heads}}, "steps": 3, "learning_rate": 1e-9, "max_length": 24 }""");
        })), cancellationToken: Token);
    }

    /// <summary>The parts of a joint stage do not meet in a step, and each takes part as often as it has examples.</summary>
    [Fact]
    public void AWeightOfAFileSaysHowOftenAHeadLearns()
    {
        using var toy = SpokenToy.Make();
        var half = Names.Replace("names.conll\"", "names.conll\", \"weight\": 0.1", StringComparison.Ordinal);
        var few = HeadRun.Train(toy, $$"""
            "task": "joint", "heads": [ {{Sentiment}}, {{half}} ], "epochs": 1, "data": null
            """);
        Directory.Delete(toy.Path("out"), recursive: true);
        var all = HeadRun.Train(toy, $$"""
            "task": "joint", "heads": [ {{Sentiment}}, {{Names}} ], "epochs": 1, "data": null
            """);
        Assert.InRange(all.Steps - few.Steps, 20, 25);
    }

    [Theory]
    [InlineData("\"heads\": []", "heads", "is missing")]
    [InlineData("\"heads\": [ { \"task\": \"single-label\", \"data\": [ { \"file\": \"data.tsv\" } ] } ]", "heads[0].name", "is missing")]
    [InlineData("\"heads\": [ { \"name\": \"a\", \"data\": [ { \"file\": \"data.tsv\" } ] } ]", "heads[0].task", "is missing")]
    [InlineData("\"heads\": [ { \"name\": \"a\", \"task\": \"single-label\" } ]", "heads[0].data", "at least one file")]
    [InlineData("\"heads\": [ { \"name\": \"a b\", \"task\": \"single-label\", \"data\": [ { \"file\": \"x\" } ] } ]", "heads[0].name",
        "letters")]
    [InlineData("\"heads\": [ { \"name\": \"a\", \"task\": \"joint\", \"data\": [ { \"file\": \"x\" } ] } ]", "heads[0].task",
        "must be one of")]
    [InlineData("\"heads\": [ { \"name\": \"a\", \"task\": \"multiple-choice\", \"data\": [ { \"file\": \"x\" } ] } ]", "heads[0].task",
        "stage of its own")]
    [InlineData("\"heads\": [ " + Sentiment + ", " + Sentiment + " ]", "heads[1].name", "already")]
    [InlineData("\"heads\": [ { \"name\": \"a\", \"task\": \"regression\", \"label_smoothing\": 0.1, \"data\": [ { \"file\": \"x\" } ] } ]",
        "heads[0].label_smoothing", "leave it out")]
    [InlineData("\"heads\": [ { \"name\": \"a\", \"task\": \"regression\", \"epochs\": 1, \"data\": [ { \"file\": \"x\" } ] } ]",
        "heads[0].epochs", "unknown field")]
    [InlineData("\"heads\": [ " + Sentiment + " ], \"data\": [ { \"file\": \"x\" } ]", "data", "each head's own")]
    [InlineData("\"heads\": [ " + Sentiment + " ], \"evaluation\": [ { \"file\": \"x\" } ]", "evaluation", "each head's own")]
    [InlineData("\"heads\": [ " + Sentiment + " ], \"held_out\": 5", "held_out", "each head's own")]
    [InlineData("\"heads\": [ " + Sentiment + " ], \"long_texts\": \"windows\"", "long_texts", "each head's own")]
    [InlineData("\"heads\": [ " + Sentiment + " ], \"stride\": 4", "stride", "each head's own")]
    [InlineData("\"heads\": [ " + Sentiment + " ], \"mask_probability\": 0.2", "mask_probability", "each head's own")]
    [InlineData("\"heads\": [ { \"name\": \"a\", \"task\": \"regression\", \"stride\": 2, \"data\": [ { \"file\": \"x\" } ] } ]",
        "heads[0].stride", "\"long_texts\": \"windows\"")]
    [InlineData("\"heads\": [ " + Sentiment + " ], \"labels\": [ \"a\" ]", "labels", "leave it out")]
    [InlineData("\"heads\": [ " + Sentiment + " ], \"task\": \"single-label\", \"data\": [ { \"file\": \"x\" } ]", "heads", "leave it out")]
    public void ARecipeThatCannotBeIsRefusedByItsField(string fields, string field, string reason)
    {
        using var toy = SpokenToy.Make();
        var error = Assert.Throws<RecipeException>(
            () => HeadRun.Train(toy, "\"task\": \"joint\", \"data\": null, " + fields));
        Assert.Equal("stages[0]." + field, error.Field);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AChangedFileOfAHeadStopsAResumedRun()
    {
        using var toy = SpokenToy.Make();
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Run(
            Recipe.Load(Write("parts")), progress: new StopAt(source), cancellationToken: source.Token));
        File.AppendAllText(toy.Path("names.conll"), "w1\tB-A\n\n");
        var error = Assert.Throws<RecipeException>(() => Trainer.Run(Recipe.Load(Write("parts")), resume: true, cancellationToken: Token));
        Assert.Equal("stages[0].heads[1].data[0]", error.Field);

        string Write(string name) => toy.Recipe(name, recipe =>
            recipe["stages"]![0] = JsonNode.Parse("{" + Two + """, "steps": 6, "max_length": 24, "checkpoint_steps": 1 }"""));
    }

    private static void AssertSame(ModelFolder before, ModelFolder after, params string[] tensors) =>
        Assert.All(tensors, name => Assert.Equal(Read(before, name), Read(after, name)));

    private static float[] Read(ModelFolder folder, string name)
    {
        Assert.True(folder.Tensors.TryGetTensor(name, out var info), name);
        var values = new float[info.ElementCount];
        folder.Tensors.ReadFloats(name, values);
        return values;
    }

    private sealed class StopAt(CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        void IProgress<TrainingProgress>.Report(TrainingProgress value)
        {
            if (value.Event == TrainingEvent.Step && value.Step == 3) source.Cancel();
        }
    }
}
