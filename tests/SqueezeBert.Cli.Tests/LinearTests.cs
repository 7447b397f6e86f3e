using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Cli.Tests;

/// <summary>`squeezebert linear`: labels without a network, from labelled files.</summary>
public class LinearTests
{
    private static readonly string[] Good = ["a fine film", "really good", "a good book", "fine and good", "good fun", "what a fine day"];
    private static readonly string[] Bad = ["a bad film", "really poor", "a poor book", "bad and poor", "bad fun", "what a poor day"];

    [Fact]
    public void LabelsAreThoseOfTheModelThatTheLibraryTrains()
    {
        using var tool = new TestTool();
        var model = LinearTextClassifier.Train(Rows().Select(row => (row.Text, (string?)null, (IReadOnlyList<int>)[row.Id])), 2);
        var expected = model.Predict("good film");
        string[] arguments = ["linear", "--train", tool.Write("train.tsv", Table("text")), "--json", "good film"];
        var (output, error) = (TestTool.Run(arguments).Output, TestTool.Run(arguments).Error);
        var answer = JsonNode.Parse(output)!;
        Assert.Equal("1", (string)answer["label"]!);
        Assert.Equal(expected[1], (float)answer["score"]!);
        Assert.Equal(expected,
            answer["labels"]!.AsArray().OrderBy(label => (string)label!["label"]!).Select(label => (float)label!["score"]!));
        Assert.Equal("squeezebert linear: learning 2 labels from 12 texts\n", error);
    }

    [Fact]
    public void RowsOfATableAreLabelledByNamedValues()
    {
        using var tool = new TestTool();
        var train = tool.Write("train.tsv", Table("sentence"));
        var file = tool.Write("new.csv", "id,label,body\n1,x,good film\n2,y,poor day\n");
        var lines = TestTool.Run("linear", "--train", train, "--labels", "0=negative,1=positive", "--file", file, "--text", "body").Lines;
        Assert.Equal("id,label,body,predicted_label,predicted_score,predicted_truncated", lines[0]);
        Assert.StartsWith("1,x,good film,positive,0.", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("2,y,poor day,negative,0.", lines[2], StringComparison.Ordinal);
        var score = float.Parse(lines[1].Split(',')[4], CultureInfo.InvariantCulture);
        Assert.InRange(score, 0.5f, 1f);
    }

    [Fact]
    public void SeveralFilesAreLearntFromWithoutTheirHeldOutTexts()
    {
        using var tool = new TestTool();
        var (good, bad) = (tool.Write("a.csv", Lines(Good, "good", ';')), tool.Write("b.csv", Lines(Bad, "bad", ';')));
        string[] arguments = ["linear", "--train", good, "--train", bad, "--train-no-header",
            "--train-separator", ";", "--train-text", "1", "--label", "0", "--top", "2", "what a film"];
        Assert.Contains("from 12 texts", TestTool.Run(arguments).Error, StringComparison.Ordinal);
        Assert.Matches(@"^(good|bad ) +0\.\d{4}  (good|bad ) +0\.\d{4}  what a film\n$", TestTool.Run(arguments).Output);
        var left = Good.Concat(Bad).Count(text => !HashSplit.IsHeldOut(text, 3));
        Assert.InRange(left, 1, 11);
        Assert.Contains($"from {left} texts", TestTool.Run([.. arguments, "--held-out", "3"]).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void PairsAreReadByBothTexts()
    {
        using var tool = new TestTool();
        var rows = Good.Select(text => $"{text}\tyes\tsame").Concat(Good.Select(text => $"{text}\tno\tother"));
        var train = tool.Write("train.tsv", "a\tb\tlabel\n" + string.Join('\n', rows) + "\n");
        var file = tool.Write("new.tsv", "a\tb\na book\tno\na book\tyes\n");
        string[] arguments = ["linear", "--train", train, "--train-text", "a", "--file", file, "--text", "a"];
        var lines = TestTool.Run([.. arguments, "--train-pair", "b", "--pair", "b"]).Lines;
        Assert.Equal(["other", "same"], lines.Skip(1).Select(line => line.Split('\t')[2]));
        Assert.Contains("--train-pair", TestTool.Fails(2, [.. arguments, "--pair", "b"]), StringComparison.Ordinal);
        Assert.Contains("--pair", TestTool.Fails(2, [.. arguments, "--train-pair", "b"]), StringComparison.Ordinal);
    }

    [Fact]
    public void BadInputIsNamed()
    {
        using var tool = new TestTool();
        var train = tool.Write("train.tsv", Table("text"));
        Assert.Contains("--train", TestTool.Fails(2, "linear", "x"), StringComparison.Ordinal);
        Assert.Contains("give a text", TestTool.Fails(2, "linear", "--train", train), StringComparison.Ordinal);
        Assert.Contains("nope.tsv: no such file", TestTool.Fails(1, "linear", "--train", "nope.tsv", "x"), StringComparison.Ordinal);
        Assert.Contains("'stars'", TestTool.Fails(1, "linear", "--train", train, "--label", "stars", "x"), StringComparison.Ordinal);
        Assert.Contains("'1' is no label of --labels: negative",
            TestTool.Fails(1, "linear", "--train", train, "--labels", "0=negative", "x"), StringComparison.Ordinal);
        Assert.Contains("nothing to learn",
            TestTool.Fails(1, "linear", "--train", tool.Write("one.tsv", "text\tlabel\na\t1\n"), "x"), StringComparison.Ordinal);
        Assert.Contains(":2: the row has no label",
            TestTool.Fails(1, "linear", "--train", tool.Write("none.tsv", "text\tlabel\na\t\n"), "x"), StringComparison.Ordinal);
        Assert.Contains("no row to learn from",
            TestTool.Fails(1, "linear", "--train", tool.Write("empty.tsv", "text\tlabel\n"), "x"), StringComparison.Ordinal);
    }

    private static IEnumerable<(string Text, int Id)> Rows() =>
        Bad.Zip(Good).SelectMany(pair => ((string, int)[])[(pair.First, 0), (pair.Second, 1)]);

    private static string Table(string column)
    {
        var text = new StringBuilder($"{column}\tlabel\n");
        foreach (var (row, id) in Rows()) text.Append(CultureInfo.InvariantCulture, $"{row}\t{id}\n");
        return text.ToString();
    }

    private static string Lines(IEnumerable<string> texts, string label, char separator) =>
        string.Concat(texts.Select(text => $"{label}{separator}{text}\n"));
}
