using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Training.Tests.Data;
using SqueezeBert.Training.Tests.Running;

namespace SqueezeBert.Training.Tests.Tasks;

public sealed class MultipleChoiceTests
{
    private const string Stage = """
        "task": "multiple-choice", "data": [ { "file": "swag.csv" } ], "epochs": 10
        """;

    [Fact]
    public void ChoicesAreLearntAndMadeByThePipeline()
    {
        using var toy = Toy();
        var evaluation = HeadRun.Train(toy, Stage).Evaluation!;
        Assert.True(evaluation.Accuracy > 0.8, $"accuracy {evaluation.Accuracy}");
        Assert.True(evaluation.Examples is > 50 and < 150);
        using var folder = ModelFolder.Open(toy.Path("out"));
        Assert.Equal("SqueezeBertForMultipleChoice", folder.Configuration.Architectures[0]);
        using var selector = ChoiceSelector.Load(toy.Path("out"));
        var choice = selector.Choose("w10 w11", ["w5 w6", "w1 w2", "w7 w8"], null, TestContext.Current.CancellationToken);
        Assert.Equal(1, choice.Best.Index);
    }

    [Fact]
    public void ARunThatIsInterruptedGoesOn()
    {
        using var toy = Toy();
        HeadRun.AssertResumes(toy, Stage);
    }

    [Theory]
    [InlineData("x.csv", "id,sent1,sent2,ending0,ending1,label\n7,a b,c,d,e f,1\n")]
    [InlineData("x.jsonl", """{"context": "a b", "choices": ["c d", "c e f"], "label": 1}""")]
    public void EveryFormGivesTheSameExample(string name, string text)
    {
        using var folder = new DataFolder();
        folder.Write(name, text);
        var data = folder.Read(Recipe(name));
        Assert.Equal("CabScdSCabScefS", folder.Text(data.Train, 0));
        Assert.Equal([1, 7, 4, 8, 4], data.Train.Numbers(data.Train[0]).ToArray());
    }

    [Fact]
    public void ColumnsOfChoicesCanBeNamed()
    {
        using var folder = new DataFolder();
        folder.Write("x.tsv", "q\tone\ttwo\tthree\tright\na\tb\tc\td\t2\n");
        var data = folder.Read(Recipe("x.tsv") with
        {
            Data = [new DataSource { File = "x.tsv", Text = "q", Label = "right", Choices = ["one", "two", "three"] }],
        });
        Assert.Equal("CaSbSCaScSCaSdS", folder.Text(data.Train, 0));
    }

    [Theory]
    [InlineData("x.csv", "sent1,sent2,ending0,ending1,label\na,b,c,d,0\na,b,c,d,2\n", 3, "'2' is not the number of a choice")]
    [InlineData("x.jsonl", """{"context": "a", "choices": ["b"], "label": 0}""", 1, "has 1 choice; 2 to 100")]
    [InlineData("x.jsonl", """{"context": "a", "choices": "b", "label": 0}""", 1, "list of texts")]
    [InlineData("x.jsonl", """{"context": "a", "choices": ["b", "c"], "label": "c"}""", 1, "'c' is not the number")]
    public void ABadRowIsNamed(string name, string text, long line, string reason)
    {
        using var folder = new DataFolder();
        folder.Write(name, text);
        var error = Assert.Throws<DataFormatException>(() => folder.Read(Recipe(name)));
        Assert.Equal(line, error.Line);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private static StageRecipe Recipe(string file) => new()
    {
        Name = "s",
        Task = TrainingTasks.MultipleChoice,
        HeldOut = 0,
        Data = [new DataSource { File = file, Text = "context" }],
    };

    /// <summary>The right ending is of the words w0 to w4, the three others of w5 to w9.</summary>
    private static ToyTask Toy()
    {
        var toy = new ToyTask();
        var random = new Random(10);
        var rows = Enumerable.Range(0, 500).Select(i =>
        {
            var right = random.Next(4);
            var endings = Enumerable.Range(0, 4)
                .Select(ending => string.Join(' ', Enumerable.Range(0, 2).Select(_ => $"w{(ending == right ? 0 : 5) + random.Next(5)}")));
            return $"w{10 + (i % 10)} w{10 + (i / 10 % 10)},w{random.Next(10, 20)},{string.Join(',', endings)},{right}";
        });
        File.WriteAllLines(toy.Path("swag.csv"), rows.Prepend("sent1,sent2,ending0,ending1,ending2,ending3,label"));
        return toy;
    }
}
