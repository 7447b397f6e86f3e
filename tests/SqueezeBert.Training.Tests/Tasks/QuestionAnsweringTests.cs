using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Training.Tests.Data;
using SqueezeBert.Training.Tests.Running;

namespace SqueezeBert.Training.Tests.Tasks;

public sealed class QuestionAnsweringTests
{
    private const string Stage = """
        "task": "question-answering", "data": [ { "file": "squad.json" } ], "epochs": 8, "max_length": 24, "stride": 6
        """;

    [Fact]
    public void AnswersAreLearntAndFoundByThePipeline()
    {
        using var toy = Toy(unanswerable: 0);
        var figures = HeadRun.Train(toy, Stage).Evaluation!.Figures;
        Assert.Equal(["exact_match", "f1"], figures.Keys);
        Assert.True(figures["exact_match"] > 0.8, $"exact match {figures["exact_match"]}");
        using var folder = ModelFolder.Open(toy.Path("out"));
        Assert.Equal("SqueezeBertForQuestionAnswering", folder.Configuration.Architectures[0]);
        using var answerer = QuestionAnswerer.Load(toy.Path("out"));
        var answer = answerer.Answer("w4", "w7 w9 w12 w2 w15", null, TestContext.Current.CancellationToken);
        Assert.Equal("w2", answer.Best!.Value.Text);
    }

    [Fact]
    public void QuestionsWithoutAnAnswerAreLearntToo()
    {
        using var toy = Toy(unanswerable: 3);
        var figures = HeadRun.Train(toy, Stage).Evaluation!.Figures;
        Assert.True(figures["exact_match"] > 0.8 && figures["HasAns_f1"] > 0.7 && figures["NoAns_f1"] > 0.7,
            string.Join(", ", figures));
        using var answerer = QuestionAnswerer.Load(toy.Path("out"), new QuestionAnswererOptions { AllowNoAnswer = true });
        Assert.Null(answerer.Answer("w4", "w7 w9 w12 w18 w15", null, TestContext.Current.CancellationToken).Best);
    }

    [Fact]
    public void ARunThatIsInterruptedGoesOn()
    {
        using var toy = Toy(unanswerable: 3);
        HeadRun.AssertResumes(toy, Stage);
    }

    [Fact]
    public void WindowsHaveTheAnswerOrPointToTheirFirstToken()
    {
        using var folder = new DataFolder();
        folder.Write("x.json", Squad("q", "a b c d e f g h", ("d e", 6)));
        var data = folder.Read(Recipe() with { MaxLength = 8, Stride = 2 });
        Assert.Equal(["CqSabcdS", "CqScdefS", "CqSefghS"], Enumerable.Range(0, data.Train.Count).Select(i => folder.Text(data.Train, i)));
        int[][] numbers = [[0, 0, 3, 0], [4, 5, 3, 2], [0, 0, 3, 4]];
        for (var i = 0; i < numbers.Length; i++) Assert.Equal(numbers[i], data.Train.Numbers(data.Train[i]).ToArray());
    }

    /// <summary>The files count code points; characters beyond the first plane are two units of a string.</summary>
    [Fact]
    public void PlacesAreCodePoints()
    {
        using var folder = new DataFolder();
        folder.Write("x.json", Squad("q", "\U0001F600 a b c", ("b", 4)));
        var data = folder.Read(Recipe());
        Assert.Equal([5, 5, 3, 0], data.Train.Numbers(data.Train[0]).ToArray());
    }

    [Theory]
    [InlineData("""
        {"data":[{"paragraphs":[{"context":"a b","qas":[{"id":"7","question":"q","answers":[{"text":"b","answer_start":1}]}]}]}]}
        """, "question '7': the answer 'b' does not stand at its answer_start")]
    [InlineData(
        """{"data":[{"paragraphs":[{"context":"a b","qas":[{"id":"7","question":" ","answers":[]}]}]}]}""", "question '7' is empty")]
    [InlineData("""{"data":[{"paragraphs":[{"context":"a b","qas":[{"id":"7","question":"q"}]}]}]}""", "answers")]
    [InlineData("{\n\"data\": [\n}", ":3: invalid JSON")]
    public void ABadFileIsNamed(string json, string reason)
    {
        using var folder = new DataFolder();
        folder.Write("x.json", json);
        var error = Assert.Throws<DataFormatException>(() => folder.Read(Recipe()));
        Assert.Contains("x.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private static StageRecipe Recipe() => new()
    {
        Name = "s",
        Task = TrainingTasks.QuestionAnswering,
        HeldOut = 0,
        Data = [new DataSource { File = "x.json" }],
    };

    private static string Squad(string question, string context, params (string Text, int Start)[] answers) => new JsonObject
    {
        ["data"] = new JsonArray(new JsonObject { ["paragraphs"] = new JsonArray(Paragraph(question, context, answers)) }),
    }.ToJsonString();

    private static JsonObject Paragraph(string question, string context, params (string Text, int Start)[] answers) => new()
    {
        ["context"] = context,
        ["qas"] = new JsonArray(new JsonObject
        {
            ["id"] = Guid.NewGuid().ToString(),
            ["question"] = question,
            ["is_impossible"] = answers.Length == 0,
            ["answers"] = new JsonArray(
                [.. answers.Select(answer => new JsonObject { ["text"] = answer.Text, ["answer_start"] = answer.Start })]),
        }),
    };

    /// <summary>The answer is the one word of w0 to w3 in a document of others; one document in so many has none.</summary>
    private static ToyTask Toy(int unanswerable)
    {
        var toy = new ToyTask();
        var random = new Random(9);
        var paragraphs = Enumerable.Range(0, 500).Select(i =>
        {
            var words = Enumerable.Range(0, random.Next(5, 26)).Select(_ => $"w{random.Next(5, ToyTask.Words)}").ToList();
            if (unanswerable > 0 && i % unanswerable == 0) return Paragraph("w4", string.Join(' ', words));
            var place = random.Next(words.Count);
            words[place] = $"w{random.Next(4)}";
            return Paragraph("w4", string.Join(' ', words), (words[place], words.Take(place).Sum(word => word.Length + 1)));
        });
        File.WriteAllText(toy.Path("squad.json"),
            new JsonObject { ["data"] = new JsonArray(new JsonObject { ["paragraphs"] = new JsonArray([.. paragraphs]) }) }.ToJsonString());
        return toy;
    }
}
