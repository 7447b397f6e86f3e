using System.IO.Compression;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Cli.Tests;

public sealed class VocabTests : IDisposable
{
    private static readonly string Text = string.Concat(
        Enumerable.Range(0, 400).Select(i => $"The film was good{(i % 3 == 0 ? "ness" : "")}, number {i % 11}. Fílms\r\n"));
    private readonly TestTool _tool = new();

    private string Output => Path.Combine(_tool.Folder, "out", "vocab.txt");

    public void Dispose() => _tool.Dispose();

    [Fact]
    public void TheVocabularyIsTheTrainersAndATokenizersFile()
    {
        var file = _tool.Write("corpus.txt", Text);
        var answer = Run("--size", "60", file);
        Assert.Empty(answer.Output);
        var trainer = new VocabularyTrainer(new VocabularyTrainerOptions { Size = 60 });
        trainer.Add(new StringReader(Text));
        Assert.Equal(trainer.Train(), File.ReadAllLines(Output));
        Assert.Equal([FormattableString.Invariant($"{trainer.TotalWords:N0} words, {trainer.DistinctWords:N0} different"),
            $"{Output}: 60 tokens"], answer.Error.TrimEnd('\n').Split('\n'));
        Assert.Equal(0, TestTool.Run("tokenize", "--vocab", Output, "Films").Code);
        Assert.Equal(["vocab.txt"], Directory.EnumerateFiles(Path.GetDirectoryName(Output)!).Select(Path.GetFileName));
    }

    [Fact]
    public void FilesWithoutAWordAreAnError()
    {
        var (empty, blank) = (_tool.Write("a.txt", ""), _tool.Write("b.txt", " \n\n"));
        var answer = TestTool.Run("vocab", "--size", "50", "--output", Output, empty, blank);
        Assert.Equal(1, answer.Code);
        Assert.EndsWith("b.txt: there is no word to train on\n", answer.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Output));
    }

    [Fact]
    public void TheFileDependsOnTheTextsAlone()
    {
        var (first, second) = (_tool.Write("a.txt", Text[..4000]), _tool.Write("b.txt", Text[4000..]));
        Run("--size", "50", first, second);
        var expected = File.ReadAllBytes(Output);
        Run("--size", "50", second, first);
        Assert.Equal(expected, File.ReadAllBytes(Output));
        Assert.Equal(0, TestTool.RunOn(Text[..4000], "vocab", "--size", "50", "--output", Output, second, "-").Code);
        Assert.Equal(expected, File.ReadAllBytes(Output));
        using (var packed = new GZipStream(File.Create(Path.Combine(_tool.Folder, "a.gz")), CompressionLevel.Fastest)) packed.Write(
            System.Text.Encoding.UTF8.GetBytes(Text[..4000]));
        Run("--size", "50", Path.Combine(_tool.Folder, "a.gz"), second);
        Assert.Equal(expected, File.ReadAllBytes(Output));
    }

    [Fact]
    public void OptionsReachTheTrainer()
    {
        var file = _tool.Write("corpus.txt", Text);
        Run("--size", "60", "--cased", "--min-frequency", "300", "--alphabet-limit", "12", file);
        var trainer =
            new VocabularyTrainer(new VocabularyTrainerOptions
            {
                Size = 60,
                MinFrequency = 300,
                AlphabetLimit = 12,
                Tokenizer = new BertTokenizerOptions { LowerCase = false }
            });
        trainer.Add(new StringReader(Text));
        Assert.Equal(trainer.Train(), File.ReadAllLines(Output));
    }

    [Fact]
    public void OfATableOneColumnIsRead()
    {
        var table = _tool.Write("t.csv", "review,other\n" + string.Concat(Enumerable.Repeat("\"good film\nfilms\",zzz\n", 5)));
        Run("--size", "40", "--text", "review", table);
        Assert.DoesNotContain(File.ReadAllLines(Output), token => token.Contains('z', StringComparison.Ordinal));
        Assert.Contains("film", File.ReadAllLines(Output));
        Run("--size", "40", table);
        Assert.Contains("z", File.ReadAllLines(Output));
    }

    [Fact]
    public void AnOldFileStaysWhenSomethingFails()
    {
        var file = _tool.Write("corpus.txt", Text);
        Run("--size", "60", file);
        var before = File.ReadAllBytes(Output);
        Assert.Contains("corpus.txt'?", Fails(1, "--size", "60", Path.Combine(_tool.Folder, "corpsu.txt")), StringComparison.Ordinal);
        using (var packed = new MemoryStream())
        {
            using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(
                System.Text.Encoding.UTF8.GetBytes(Text));
            _tool.Write("cut.gz", packed.ToArray()[..^20]);
        }

        Assert.Contains("cut.gz: the compressed data is damaged or cut off", Fails(1, "--size", "60", Path.Combine(_tool.Folder, "cut.gz")),
            StringComparison.Ordinal);
        var small = TestTool.Run("vocab", "--size", "10", "--output", Output, file);
        Assert.Equal(1, small.Code);
        Assert.Equal(before, File.ReadAllBytes(Output));
        Assert.Single(Directory.EnumerateFiles(Path.GetDirectoryName(Output)!));
    }

    [Theory]
    [InlineData("Option '--size' is required", "x")]
    [InlineData("--size takes a number from 6 up, not '5'", "--size", "5", "x")]
    [InlineData("Required argument 'FILES' missing for command: 'vocab'", "--size", "60")]
    [InlineData("can be read only once", "--size", "60", "-", "-")]
    public void WrongUseIsTold(string expected, params string[] args) =>
        Assert.Contains(expected, Fails(2, args), StringComparison.Ordinal);

    private ToolRun Run(params string[] args)
    {
        var answer = TestTool.Run(["vocab", "--output", Output, .. args]);
        Assert.True(answer.Code == 0, answer.Error);
        return answer;
    }

    private string Fails(int code, params string[] args) => TestTool.Fails(code, ["vocab", "--output", Output, .. args]);
}
