using SqueezeBert.Evaluation;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tests.Data;

public sealed class PlainTextDataTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("x.txt")]
    [InlineData("x.txt.gz")]
    public void ADocumentIsCutIntoBlocksOfTheFullLength(string name)
    {
        // 24 letters: 10, 10, and 4 that are too few for a block of their own. 19: 10 and 9. A document is never too short.
        _folder.Write(name, "a b c d e f g\nh i j k l m n o p q r s t u v w x\n\na b c d e f g h i j\r\nk l m n o p q r s\n \t\n\n\nz\n");
        var data = _folder.Read(Stage(name));
        Assert.Equal(["CabcdefghijS", "CklmnopqrstS", "CabcdefghijS", "CklmnopqrsS", "CzS"], Texts(data.Train));
        Assert.Equal(5, data.Train.TextCount);
        Assert.Equal([2f, 2f, 2f, 2f, 2f], data.Weights);
        Assert.Empty(data.Labels);
        Assert.All(Enumerable.Range(0, 5).Select(i => data.Train[i]), example => Assert.Equal(example.Length, example.SecondStart));
    }

    [Fact]
    public void LinesBeyondTheLimitAreNotRead()
    {
        _folder.Write("x.txt", "a\n\nb\nc\nd\n");
        var stage = Stage("x.txt");
        Assert.Equal(["CaS", "CbcS"], Texts(_folder.Read(stage with { Data = [stage.Data[0] with { Limit = 4 }] }).Train));
    }

    [Fact]
    public void ADocumentGoesOnBeyondABlockOfLines()
    {
        _folder.Write("x.txt", string.Concat(Enumerable.Repeat("a\n", 10_000)));
        var data = _folder.Read(Stage("x.txt"));
        Assert.Equal(1000, data.Train.Count);
        Assert.All(Texts(data.Train), text => Assert.Equal("CaaaaaaaaaaS", text));
    }

    [Fact]
    public void ADocumentIsHeldOutByItsFirstLine()
    {
        var lines =
            Enumerable.Range(0, 26).SelectMany(i => Enumerable.Range(0, 26).Select(j => $"{(char)('a' + i)} {(char)('a' + j)}")).ToList();
        _folder.Write("x.txt", string.Join("\n\n", lines.Select(line => line + "\nz z z z z z z z z z z z")));
        var data = _folder.Read(Stage("x.txt") with { HeldOut = 4 });
        var heldOut = lines.Where(line => HashSplit.IsHeldOut(line, 4))
            .Select(line => $"C{line.Replace(" ", "", StringComparison.Ordinal)}zzzzzzzzS").ToList();
        Assert.InRange(heldOut.Count, 100, 250);
        Assert.Equal(heldOut, Texts(data.HeldOut));
        Assert.Equal(lines.Count - heldOut.Count, data.Train.Count);
        Assert.Equal(data.Train.Count, data.Weights.Count);
    }

    [Fact]
    public void AMissingFileIsAnErrorWithTheNearestName()
    {
        _folder.Write("plain.txt", "a\n");
        Assert.Contains("plain.txt'?", Assert.Throws<FileNotFoundException>(() => _folder.Read(Stage("palin.txt"))).Message,
            StringComparison.Ordinal);
    }

    private static StageRecipe Stage(string file) =>
        new()
        {
            Name = "stage",
            Task = TrainingTasks.MaskedLanguage,
            Data = [new DataSource { File = file, Weight = 2 }],
            MaxLength = 12,
            HeldOut = 0
        };

    private List<string> Texts(ExampleSet set) => [.. Enumerable.Range(0, set.Count).Select(i => _folder.Text(set, i))];
}
