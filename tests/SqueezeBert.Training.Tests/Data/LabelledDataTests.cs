using SqueezeBert.Evaluation;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tests.Data;

public sealed class LabelledDataTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("x.tsv", null, "id\ttext\tother\tlabel\n1\ta b\tc\tyes\n2\td\te \"f\tno\n")]
    [InlineData("x.tsv.gz", null, "id\ttext\tother\tlabel\n1\ta b\tc\tyes\n2\td\te \"f\tno\n")]
    [InlineData("x.txt", TableFormat.QuotedTsv, "label\ttext\tother\nyes\t\"a b\"\tc\nno\td\t\"e \"\"f\"\n")]
    [InlineData("x.csv", null, "\uFEFFtext,label,other\r\n\"a\r\nb\",yes,c\r\nd,no,\"e \"\"f\"\r\n")]
    [InlineData("x.csv.gz", null, "text,label,other\n\"a\nb\",yes,c\nd,no,\"e \"\"f\"\n")]
    [InlineData("x.jsonl", null,
        "{\"text\":\"a b\",\"label\":\"yes\",\"other\":\"c\"}\n\n{\"label\":\"no\",\"other\":\"e \\\"f\",\"text\":\"d\"}\n")]
    public void EveryFormatGivesTheSameExamples(string name, TableFormat? format, string text)
    {
        _folder.Write(name, text);
        var source = new DataSource { File = name, Format = format, Pair = "other" };
        var data = _folder.Read(Stage() with { Data = [source] });
        Assert.Equal(["yes", "no"], data.Labels);
        Assert.Equal(["CabScS", "CdSeUfS"], Texts(data.Train));
        Assert.Equal([0, 1], Examples(data.Train).Select(example => example.Label));
        Assert.Equal([4, 3], Examples(data.Train).Select(example => example.SecondStart));

        var alone = _folder.Read(Stage() with { Data = [source with { Pair = null }] });
        Assert.Equal(["CabS", "CdS"], Texts(alone.Train));
        Assert.All(Examples(alone.Train), example => Assert.Equal(example.Length, example.SecondStart));
    }

    [Fact]
    public void FilesHaveWeightsLimitsAndColumnsOfTheirOwn()
    {
        _folder.Write("one.tsv", "text\tlabel\na\t0\nb\t1\nc\t0\n");
        _folder.Write("two.csv", "sentence,stars\nd,1\ne,0\n");
        var data = _folder.Read(Stage() with
        {
            Data = [new DataSource { File = "one.tsv", Weight = 0.5, Limit = 2 },
                new DataSource { File = "two.csv", Text = "sentence", Label = "stars", Weight = 3 }],
        });
        Assert.Equal(["CaS", "CbS", "CdS", "CeS"], Texts(data.Train));
        Assert.Equal([0.5f, 0.5f, 3, 3], data.Weights);
        Assert.Equal([0, 0, 1, 1], Examples(data.Train).Select(example => data.Train.SourceOf(example.Text)));
        Assert.Equal([0, 1, 1, 0], Examples(data.Train).Select(example => example.Label));
    }

    [Theory]
    [InlineData("label\na\n", null, "no column 'text'; columns: 'label'")]
    [InlineData("tekst\tlabel\na\t0\n", null, "no column 'text'; columns: 'tekst', 'label'")]
    [InlineData("", null, "the file is empty")]
    [InlineData("text\tlabel\na\t0\nb\n", 3L, "1 fields where the header has 2")]
    [InlineData("text\tlabel\na\t0\nb\t2\n", 3L, "label '2' is not one of '0', '1'; add it to \"labels\" or correct the row")]
    [InlineData("text\tlabel\na\t0\nb\t\n", 3L, "label '' is not one of")]
    public void ABadFileIsAnErrorWithItsPlace(string text, long? line, string reason)
    {
        _folder.Write("x.tsv", text);
        var error = Assert.Throws<DataFormatException>(() => _folder.Read(Stage() with { Labels = [("0", "no"), ("1", "yes")] }));
        Assert.Equal((_folder.Path("x.tsv"), line), (error.File, error.Line));
        Assert.Contains(reason, error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void ALineBeyondTheFirstBlockOfRowsKeepsItsNumber()
    {
        _folder.Write("x.tsv", "text\tlabel\n" + string.Concat(Enumerable.Repeat("a\t0\n", 9000)) + "b\tnone\n");
        Assert.Equal(9002, Assert.Throws<DataFormatException>(() => _folder.Read(Stage(), knownLabels: ["0"])).Line);
    }

    [Fact]
    public void AMissingFileIsAnErrorWithTheNearestName()
    {
        _folder.Write("train.tsv", "text\tlabel\n");
        var error =
            Assert.Throws<FileNotFoundException>(() => _folder.Read(Stage() with { Data = [new DataSource { File = "trian.tsv" }] }));
        Assert.Contains("train.tsv'?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LabelsAreMappedKnownOrCollected()
    {
        _folder.Write("x.tsv", "text\tlabel\na\t1\nb\t 0 \n");
        var mapped = _folder.Read(Stage() with { Labels = [("0", "negative"), ("1", "positive")] });
        AssertLabels(["negative", "positive"], [1, 0], mapped);
        var known = _folder.Read(Stage(), knownLabels: ["0", "1"]);
        AssertLabels(["0", "1"], [1, 0], known);
        var collected = _folder.Read(Stage());
        AssertLabels(["1", "0"], [0, 1], collected);
        _folder.Write("x.tsv", "text\tlabel\na\t1\nb\t\n");
        Assert.Contains("the label is empty", Assert.Throws<DataFormatException>(() => _folder.Read(Stage())).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void RegressionNeedsNumbers()
    {
        _folder.Write("x.tsv", "text\tlabel\na\t-1.5e1\nb\t2\n");
        var data = _folder.Read(Stage() with { Task = TrainingTasks.Regression });
        Assert.Equal([-15f, 2f], Examples(data.Train).Select(example => data.Train.Values(example, 1)[0]));
        Assert.Single(data.Labels);
        foreach (var bad in (string[])["x", "", "1,5", "NaN", "1e99", "∞"])
        {
            _folder.Write("x.tsv", $"text\tlabel\na\t1\nb\t{bad}\n");
            var error = Assert.Throws<DataFormatException>(() => _folder.Read(Stage() with { Task = TrainingTasks.Regression }));
            Assert.Equal((3, $"'{bad}' is not a number, which a regression needs"), (error.Line, error.Reason));
        }
    }

    [Fact]
    public void MultiLabelRowsNameAnyNumberOfLabels()
    {
        _folder.Write("x.tsv", "text\tlabel\na\tjoy\nb\t\nc\tfear, joy\n");
        var data = _folder.Read(Stage() with { Task = TrainingTasks.MultiLabel });
        Assert.Equal(["joy", "fear"], data.Labels);
        Assert.Equal([[1f, 0f], [0f, 0f], [1f, 1f]], Examples(data.Train).Select(example => data.Train.Values(example, 2).ToArray()));
    }

    [Fact]
    public void LongTextsAreCutOrDividedIntoWindows()
    {
        _folder.Write("x.tsv", "text\tlabel\na b c d e f g\t1\nh\t0\n");
        Assert.Equal(["CabcS", "ChS"], Texts(_folder.Read(Stage() with { MaxLength = 5 }).Train));
        var windows = _folder.Read(Stage() with { MaxLength = 5, LongText = LongText.Windows, Stride = 1 });
        Assert.Equal(["CabcS", "CcdeS", "CefgS", "ChS"], Texts(windows.Train));
        Assert.Equal([0, 0, 0, 1], Examples(windows.Train).Select(example => example.Text));
        Assert.Equal([0, 0, 0, 1], Examples(windows.Train).Select(example => example.Label));
        Assert.Equal(4, windows.Weights.Count);
    }

    [Fact]
    public void APairWithoutRoomForAWindowNamesItsLine()
    {
        _folder.Write("x.tsv", "text\tother\tlabel\na\tb\t1\na b c d e f g\th i j k l m n\t0\n");
        var stage = Stage() with
        {
            MaxLength = 8,
            LongText = LongText.Windows,
            Stride = 4,
            Data = [new DataSource { File = "x.tsv", Pair = "other" }]
        };
        var error = Assert.Throws<DataFormatException>(() => _folder.Read(stage));
        Assert.Equal(3, error.Line);
        Assert.Contains("cannot be cut into windows", error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void EqualTextsFallOnTheSameSide()
    {
        var random = new Random(1);
        var texts = Enumerable.Range(0, 400)
            .Select(_ => string.Join(' ', Enumerable.Range(0, 4).Select(_ => (char)('a' + random.Next(26))))).ToList();
        _folder.Write(
            "x.tsv", "text\tlabel\n" + string.Concat(texts.Concat(texts.AsEnumerable().Reverse()).Select(text => $"{text}\t0\n")));
        var data = _folder.Read(Stage() with { HeldOut = 5 }, knownLabels: ["0", "1"]);
        var (train, heldOut) = (Texts(data.Train).ToHashSet(), Texts(data.HeldOut).ToHashSet());
        Assert.Empty(train.Intersect(heldOut));
        Assert.Equal(800, data.Train.Count + data.HeldOut.Count);
        Assert.InRange(data.HeldOut.Count, 2 * 50, 2 * 110);
        Assert.Equal(data.Train.Count, data.Weights.Count);
    }

    private static void AssertLabels(string[] names, int[] ids, StageData data)
    {
        Assert.Equal(names, data.Labels);
        Assert.Equal(ids, Examples(data.Train).Select(example => example.Label));
    }

    private static StageRecipe Stage() =>
        new() { Name = "stage", Task = TrainingTasks.SingleLabel, Data = [new DataSource { File = "x.tsv" }], HeldOut = 0 };

    private static IEnumerable<Example> Examples(ExampleSet set) => Enumerable.Range(0, set.Count).Select(i => set[i]);

    private List<string> Texts(ExampleSet set) => [.. Enumerable.Range(0, set.Count).Select(i => _folder.Text(set, i))];
}
