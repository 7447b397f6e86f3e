using SqueezeBert.Tokenization;

namespace SqueezeBert.Benchmarks.Tests;

public sealed class InputTests : IDisposable
{
    private static readonly BertTokenizer Tokenizer =
        BertTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "one", "two", "three"]);
    private readonly string _folder = Directory.CreateTempSubdirectory("squeezebert-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void TextsComeFromAColumnFromLinesAndFromQuestions()
    {
        var table = Write("texts.tsv", "label\tsentence\n1\tone two\n0\tthree\n");
        Assert.Equal([[2, 5, 6, 3], [2, 7, 3]], TextFile.Read(table + ":sentence", Tokenizer, 2, 10).Select(text => text.Ids));
        Assert.Equal([[2, 5, 3], [2, 7, 3]], TextFile.Read(table + ":sentence", Tokenizer, 2, 3).Select(text => text.Ids));
        Assert.Equal([2, 7, 3], Assert.Single(TextFile.Read(Write("lines.txt", "three\n"), Tokenizer, 1, 10)).Ids);
        var squad = Write(
            "squad.json", """{"data": [{"paragraphs": [{"context": "two", "qas": [{"question": "one"}, {"question": "three"}]}]}]}""");
        var texts = TextFile.Read(squad, Tokenizer, 2, 10);
        Assert.Equal([[2, 5, 3, 6, 3], [2, 7, 3, 6, 3]], texts.Select(text => text.Ids));
        Assert.Equal([0, 0, 0, 1, 1], texts[0].TypeIds);
    }

    [Fact]
    public void FewTextsOfManyAreTheSameOnesEachTime()
    {
        var file = Write(
            "many.txt", string.Concat(Enumerable.Range(1, 50).Select(words => string.Join(' ', Enumerable.Repeat("one", words)) + "\n")));
        var first = TextFile.Read(file, Tokenizer, 10, 100).Select(text => text.Length).ToList();
        Assert.Equal(first, TextFile.Read(file, Tokenizer, 10, 100).Select(text => text.Length));
        Assert.True(first.Max() > 30 && first.Distinct().Count() == 10);
        var error = Assert.Throws<ArgumentException>(() => TextFile.Read(file, Tokenizer, 51, 100));
        Assert.Contains("50 texts", error.Message);
    }

    [Fact]
    public void TheSyntheticCheckpointIsAModelThatAnswers()
    {
        using var folder = new SyntheticCheckpoint(BenchmarkModel.Find("tiny-squeezebert"));
        using var classifier = TextClassifier.Load(folder.Path);
        Assert.Equal(["negative", "positive"], classifier.Labels);
        Assert.Equal(1, classifier.Classify("good film!").Labels.Sum(label => label.Score), tolerance: 1e-5);
    }

    [Fact]
    public void WrongArgumentsSayWhatIsRight()
    {
        Assert.Contains("tiny-bert", Assert.Throws<ArgumentException>(() => BenchmarkModel.Find("gpt")).Message);
        Assert.Contains(
            "--threads", Assert.Throws<ArgumentException>(() => new Arguments("--threads", "two").Integers("--threads", [1])).Message);
        Assert.Equal((0.5, 7), (new Arguments("--seconds", "0.5").Number("--seconds", 2), new Arguments().Integer("--rounds", 7)));
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
