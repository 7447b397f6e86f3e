using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Training.Tests.Data;
using SqueezeBert.Training.Tests.Running;

namespace SqueezeBert.Training.Tests.Tasks;

public sealed class TowerTests
{
    private const string Similarity = """
        "task": "similarity", "data": [ { "file": "sts.tsv" } ], "score_range": [0, 5], "epochs": 8
        """;

    private const string Retrieval = """
        "task": "retrieval", "data": [ { "file": "queries.tsv" } ], "epochs": 12, "micro_batch_tokens": 4096
        """;

    private const string Triples = """
        "task": "retrieval", "data": [ { "file": "queries.tsv", "negative": "negative" } ], "epochs": 8, "micro_batch_tokens": 4096
        """;

    [Theory]
    [InlineData("mean")]
    [InlineData("cls")]
    [InlineData("max")]
    public void SimilarityIsLearntAndEmbedded(string pooling)
    {
        using var toy = Toy();
        var figures = HeadRun.Train(toy, Similarity + $", \"pooling\": \"{pooling}\"").Evaluation!.Figures;
        Assert.True(figures["spearman"] > 0.7 && figures["pearson"] > 0.7, string.Join(", ", figures));
        var settings = SentenceEncoderSettings.Load(toy.Path("out"));
        Assert.Equal(pooling, settings.Pooling.ToString().ToLowerInvariant());
        Assert.Equal(24, settings.MaxSequenceLength);
        using var embedder = TextEmbedder.Load(toy.Path("out"));
        Assert.True(Cosine(embedder, "w1 w2 w3", "w4 w0 w2") > Cosine(embedder, "w1 w2 w3", "w11 w12 w13") + 0.3);
    }

    [Theory]
    [InlineData(Retrieval)]
    [InlineData(Triples)]
    public void QueriesFindTheirTexts(string stage)
    {
        using var toy = Toy();
        var evaluation = HeadRun.Train(toy, stage).Evaluation!;
        Assert.True(evaluation.Figures["mrr_at_10"] > 0.6, string.Join(", ", evaluation.Figures));
        Assert.True(evaluation.Figures["accuracy_at_1"] > 0.4, string.Join(", ", evaluation.Figures));

        // Before the first step, queries and texts have no word in common.
        var lines = File.ReadAllLines(toy.Path("out/metrics.jsonl"));
        var start = System.Text.Json.Nodes.JsonNode.Parse(lines.First(line => line.Contains("\"evaluation\"", StringComparison.Ordinal)))!;
        Assert.Equal(0, (long)start["step"]!);
        Assert.True((double)start["figures"]!["mrr_at_10"]! < 0.3);
        using var embedder = TextEmbedder.Load(toy.Path("out"));
        Assert.True(Cosine(embedder, "w1 w2 w3", "w11 w12 w13") > Cosine(embedder, "w1 w2 w3", "w14 w15 w16"));
    }

    [Theory]
    [InlineData(Similarity)]
    [InlineData(Retrieval)]
    [InlineData(Triples)]
    public void ARunThatIsInterruptedGoesOn(string stage)
    {
        using var toy = Toy();
        HeadRun.AssertResumes(toy, stage);
    }

    /// <summary>A sentence encoder goes on making its vectors as it did.</summary>
    [Fact]
    public void TheStartDecidesOnThePooling()
    {
        using var toy = Toy();
        HeadRun.Train(toy, Similarity + ", \"pooling\": \"cls\", \"epochs\": 0.1");
        var recipe = (string stage) => Recipe.Load(toy.Recipe("tuned", recipe =>
        {
            recipe.Remove("vocabulary");
            recipe.Remove("model");
            recipe["from"] = "out";
            recipe["stages"]![0] = System.Text.Json.Nodes.JsonNode.Parse($"{{ {stage}, \"steps\": 1, \"max_length\": 24 }}");
        }));
        Trainer.Run(recipe(Retrieval), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(SentencePooling.Cls, SentenceEncoderSettings.Load(toy.Path("tuned")).Pooling);
        Directory.Delete(toy.Path("tuned"), recursive: true);
        var error = Assert.Throws<RecipeException>(() => Trainer.Run(recipe(Retrieval + ", \"pooling\": \"mean\"")));
        Assert.Contains("pooling: is Mean, and the start makes its vectors by Cls", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EqualTextsShareANumber()
    {
        using var folder = new DataFolder();
        folder.Write("x.tsv", "anchor\tpositive\nq\ta b\nr\tq\nq\tc\n");
        var data = folder.Read(new StageRecipe
        {
            Name = "s",
            Task = TrainingTasks.Retrieval,
            HeldOut = 0,
            Data = [new DataSource { File = "x.tsv", Text = "anchor", Pair = "positive" }],
        });
        int[][] numbers = [[3, 4, 0, 1, 0], [3, 3, 2, 0, 0], [3, 3, 0, 3, 0]];
        for (var i = 0; i < numbers.Length; i++) Assert.Equal(numbers[i], data.Train.Numbers(data.Train[i]).ToArray());
        Assert.Equal("CqSCabS", folder.Text(data.Train, 0));
    }

    [Theory]
    [InlineData(null, "sentence1\tsentence2\tscore\na\tb\t0.5\na\tb\t4.5\n", 3, "'4.5' is not a number from -1 to 1; give their range")]
    [InlineData(5.0, "sentence1\tsentence2\tscore\na\tb\t5.5\n", 2, "'5.5' is not a number from 0 to 5")]
    [InlineData(5.0, "sentence1\tsentence2\tscore\na\tb\tx\n", 2, "'x'")]
    public void ABadScoreIsNamed(double? highest, string text, long line, string reason)
    {
        using var folder = new DataFolder();
        folder.Write("x.tsv", text);
        var error = Assert.Throws<DataFormatException>(() => folder.Read(new StageRecipe
        {
            Name = "s",
            Task = TrainingTasks.Similarity,
            HeldOut = 0,
            ScoreRange = highest is { } most ? (0, most) : null,
            Data = [new DataSource { File = "x.tsv", Text = "sentence1", Pair = "sentence2", Label = "score" }],
        }));
        Assert.Equal(line, error.Line);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private static float Cosine(TextEmbedder embedder, string a, string b) =>
        embedder.Embed(a, cancellationToken: TestContext.Current.CancellationToken)
            .Similarity(embedder.Embed(b, cancellationToken: TestContext.Current.CancellationToken));

    /// <summary>
    /// Texts of the words w0 to w9 are alike, and so are those of w10 to w19; a query of the words wI is answered by a text of the words
    /// w1I, and one word of three is another in the text that looks right.
    /// </summary>
    private static ToyTask Toy()
    {
        var toy = new ToyTask();
        var random = new Random(13);
        var pairs = Enumerable.Range(0, 500).Select(_ =>
        {
            var (a, b) = (random.Next(2), random.Next(2));
            return $"{Words(10 * a)}\t{Words(10 * b)}\t{(a == b ? 5 : 0)}";
        });
        File.WriteAllLines(toy.Path("sts.tsv"), pairs.Prepend("sentence1\tsentence2\tscore"));
        var queries = Enumerable.Range(0, 500).Select(_ =>
        {
            var words = Enumerable.Range(0, 3).Select(_ => random.Next(10)).ToArray();
            var wrong = words.Select(word => word).ToArray();
            wrong[random.Next(3)] = (wrong[0] + 1 + random.Next(9)) % 10;
            return $"{Text(words, 0)}\t{Text(words, 10)}\t{Text(wrong, 10)}";
        });
        File.WriteAllLines(toy.Path("queries.tsv"), queries.Prepend("anchor\tpositive\tnegative"));
        return toy;

        string Words(int first) => Text([.. Enumerable.Range(0, random.Next(3, 7)).Select(_ => random.Next(10))], first);

        static string Text(int[] words, int first) => string.Join(' ', words.Select(word => $"w{first + word}"));
    }
}
