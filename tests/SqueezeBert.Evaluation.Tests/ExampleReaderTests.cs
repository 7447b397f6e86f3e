using System.Text;

namespace SqueezeBert.Evaluation.Tests;

public sealed class ExampleReaderTests
{
    private static readonly LabelList Labels = new(["entailment", "Neutral", "contradiction"]);

    [Fact]
    public void ExamplesHaveTextPairLabelAndLine()
    {
        using var reader = Reader("index\tsentence1\tsentence2\tgold_label\n0\tA cat.\tAn animal.\tentailment\n");
        var example =
            Assert.Single(ExampleReader.Read(reader, "sentence1", "sentence2", "gold_label", TestContext.Current.CancellationToken));
        Assert.Equal(new TextExample("A cat.", "An animal.", "entailment", 2), example);
    }

    [Fact]
    public void ColumnsLeftOutAreEmpty()
    {
        using var reader = Reader("text\na\n");
        Assert.Equal(new TextExample("a", null, "", 2),
            Assert.Single(ExampleReader.Read(reader, "text", cancellationToken: TestContext.Current.CancellationToken)));
    }

    [Fact]
    public void AMissingColumnIsAnErrorEvenWithoutRows()
    {
        using var reader = Reader("text\tlabel\n");
        Assert.Throws<DataFormatException>(() => ExampleReader.Read(
            reader, "text", "pair", cancellationToken: TestContext.Current.CancellationToken).ToList());
    }

    [Theory]
    [InlineData("entailment", 0)]
    [InlineData("neutral", 1)]
    [InlineData("2", 2)]
    public void LabelsAreFoundByNameThenByNumber(string label, int expected)
    {
        Assert.True(Labels.TryFind(label, out var index));
        Assert.Equal(expected, index);
    }

    [Theory]
    [InlineData("3")]
    [InlineData("-1")]
    [InlineData("")]
    [InlineData(" 1")]
    [InlineData("99999999999")]
    [InlineData("neutrel")]
    public void UnknownLabelsAreErrors(string label)
    {
        Assert.False(Labels.TryFind(label, out _));
        var error = Assert.Throws<DataFormatException>(() => Labels.Find(new TextExample("a", null, label, 7), "dev.tsv"));
        Assert.StartsWith($"dev.tsv:7: unknown label '{label}'; labels: '", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ANumberThatIsANameIsThatName()
    {
        var swapped = new LabelList(["1", "0"]);
        Assert.True(swapped.TryFind("1", out var index));
        Assert.Equal(0, index);
        Assert.Throws<ArgumentException>(() => new LabelList(["a", "a"]));
    }

    private static TableReader Reader(string text) =>
        new(new MemoryStream(Encoding.UTF8.GetBytes(text)), "data.tsv");
}
