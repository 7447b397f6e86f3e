using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Training.Tests.Data;
using SqueezeBert.Training.Tests.Running;

namespace SqueezeBert.Training.Tests.Tasks;

public sealed class TokenClassificationTests
{
    private const string Stage = """
        "task": "token-classification", "data": [ { "file": "names.conll" } ], "epochs": 6
        """;

    [Fact]
    public void EntitiesAreLearntAndFoundByThePipeline()
    {
        using var toy = Toy();
        var result = HeadRun.Train(toy, Stage);
        var figures = result.Evaluation!.Figures;
        Assert.True(figures["f1"] > 0.9, $"f1 {figures["f1"]}");
        Assert.True(figures["precision"] > 0.9 && figures["recall"] > 0.9 && result.Evaluation.Accuracy > 0.9);
        using var folder = ModelFolder.Open(toy.Path("out"));
        Assert.Equal("SqueezeBertForTokenClassification", folder.Configuration.Architectures[0]);
        Assert.Equal(["B-A", "B-B", "I-A", "O"], folder.Configuration.Labels.Order());
        using var classifier = TokenClassifier.Load(toy.Path("out"), new TokenClassifierOptions
        {
            Aggregation = EntityAggregation.First,
            ForbidImpossibleTags = true,
        });
        var entities = classifier.Classify("w9 w0 w3 w12 w5", null, TestContext.Current.CancellationToken).Entities;
        Assert.Equal([("A", "w0 w3"), ("B", "w5")], entities.Select(entity => (entity.Label, entity.Text)));
    }

    [Fact]
    public void ARunThatIsInterruptedGoesOn()
    {
        using var toy = Toy();
        HeadRun.AssertResumes(toy, Stage);
    }

    /// <summary>A model of tokens is tuned on: its tags keep their ids, and its head stays.</summary>
    [Fact]
    public void AHeadOfTokensIsTakenOver()
    {
        using var toy = Toy();
        HeadRun.Train(toy, Stage);
        var labels = ModelConfiguration.Load(toy.Path("out")).Labels;
        File.WriteAllText(toy.Path("names.conll"), "w5 B-B\nw9 O\n\nw0 B-A\n\n");
        Trainer.Run(Recipe.Load(toy.Recipe("tuned", recipe =>
        {
            recipe.Remove("vocabulary");
            recipe.Remove("model");
            recipe["from"] = "out";
            recipe["stages"]![0] = System.Text.Json.Nodes.JsonNode.Parse(
                "{" + Stage + """, "steps": 1, "learning_rate": 1e-9, "held_out": 0, "max_length": 24 }""");
        })), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(labels, ModelConfiguration.Load(toy.Path("tuned")).Labels);
        using var classifier = TokenClassifier.Load(toy.Path("tuned"));
        Assert.Equal("B", Assert.Single(classifier.Classify("w5", null, TestContext.Current.CancellationToken).Entities).Label);
    }

    [Theory]
    [InlineData("x.conll", "-DOCSTART- -X- O\n\na B-X\nb-c I-X\nd O\n\n\ne\tO\n")]
    [InlineData("x.txt", "a NN B-X\nb-c NN I-X\nd . O\n\ne . O")]
    [InlineData("x.jsonl", """
        {"words":["a","b-c","d"],"tags":["B-X","I-X","O"]}
        {"words":["e"],"tags":["O"]}
        """)]
    public void EveryFormGivesTheSameExamples(string name, string text)
    {
        using var folder = new DataFolder();
        folder.Write(name, text);
        var data = folder.Read(StageOf(name));
        Assert.Equal(["B-X", "I-X", "O"], data.Labels);
        Assert.Equal(["CabUcdS", "CeS"], Enumerable.Range(0, data.Train.Count).Select(i => folder.Text(data.Train, i)));

        // The place of a word's first piece, the word's number, its tag.
        Assert.Equal([1, 0, 0, 2, 1, 1, 5, 2, 2], data.Train.Numbers(data.Train[0]).ToArray());
    }

    [Fact]
    public void ALongSentenceIsCutOrReadInWindows()
    {
        using var folder = new DataFolder();
        folder.Write("x.conll", "a O\nb O\nc B-X\nd I-X\ne O\n");
        var stage = StageOf("x.conll") with { MaxLength = 5 };
        Assert.Equal("CabcS", folder.Text(folder.Read(stage).Train, 0));
        var data = folder.Read(stage with { LongText = LongText.Windows, Stride = 1 });
        Assert.Equal(["CabcS", "CcdeS"], Enumerable.Range(0, data.Train.Count).Select(i => folder.Text(data.Train, i)));
        Assert.Equal([1, 2, 1, 2, 3, 2, 3, 4, 0], data.Train.Numbers(data.Train[1]).ToArray());

        // Of what is held out, each word counts once.
        var heldOut = folder.Read(stage with { LongText = LongText.Windows, HeldOut = 1 }).HeldOut;
        var words = Enumerable.Range(0, heldOut.Count).SelectMany(i => heldOut.Numbers(heldOut[i]).ToArray().Chunk(3).Select(n => n[1]));
        Assert.Equal([0, 1, 2, 3, 4], words);
    }

    [Theory]
    [InlineData("x.conll", "a O\nb\n", 2, "word and its tag")]
    [InlineData("x.conll", "a B-X\n\nb O\nc I-X\n", 4, "B-X")]
    [InlineData("x.jsonl", "{\"words\":[\"a\"],\"tags\":[]}\n", 1, "1 words but 0 tags")]
    [InlineData("x.jsonl", "{\"words\":[\"a\"],\"tags\":[\"O\"]}\n{\"words\":\"a\",\"tags\":[\"O\"]}\n", 2, "list of texts")]
    public void ABadRowIsNamed(string name, string text, long line, string reason)
    {
        using var folder = new DataFolder();
        folder.Write(name, text);
        var error = Assert.Throws<DataFormatException>(() => folder.Read(StageOf(name)));
        Assert.Equal(line, error.Line);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ATagThatIsNoneOfTheLabelsIsAnErrorWithItsLine()
    {
        using var folder = new DataFolder();
        folder.Write("x.conll", "a O\nb B-X\n");
        var stage = StageOf("x.conll") with { Labels = [("O", "O"), ("B-Y", "B-Y")] };
        Assert.Equal(2, Assert.Throws<DataFormatException>(() => folder.Read(stage)).Line);
    }

    private static StageRecipe StageOf(string file) => new()
    {
        Name = "s",
        Task = TrainingTasks.TokenClassification,
        HeldOut = 0,
        Data = [new DataSource { File = file, Text = "words", Label = "tags" }],
    };

    /// <summary>w0 to w2 begin an entity A, which w3 and w4 go on with; w5 is an entity B.</summary>
    private static ToyTask Toy()
    {
        var toy = new ToyTask();
        var random = new Random(8);
        var lines = new List<string>();
        for (var sentence = 0; sentence < 400; sentence++)
        {
            for (var count = random.Next(3, 9); count > 0; count--)
            {
                var word = random.Next(5, ToyTask.Words);
                if (random.Next(3) > 0)
                {
                    lines.Add(word == 5 ? "w5\tB-B" : $"w{word}\tO");
                    continue;
                }

                lines.Add($"w{random.Next(3)}\tB-A");
                if (random.Next(2) == 0) lines.Add($"w{3 + random.Next(2)}\tI-A");
            }

            lines.Add("");
        }

        File.WriteAllLines(toy.Path("names.conll"), lines);
        return toy;
    }
}
