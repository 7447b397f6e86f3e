using SqueezeBert.Evaluation;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tests.Data;

/// <summary>What is evaluated: rows held out by their group, files of their own, and how much of it was trained on.</summary>
public sealed class EvaluationSplitTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void RowsOfAGroupFallOnOneSide()
    {
        var random = new Random(7);
        var rows = Enumerable.Range(0, 400).Select(i => (Group: $"author {i / 4}", Text: Letters(random, 8))).ToList();
        _folder.Write("x.tsv", "by\ttext\tlabel\n" + string.Concat(rows.Select((row, i) => $"{row.Group}\t{row.Text}\t{i % 2}\n")));
        var source = new DataSource { File = "x.tsv", Group = "by" };
        var data = _folder.Read(Stage(source) with { HeldOut = 5 });
        var heldOut = rows.Where(row => HashSplit.IsHeldOut(row.Group, 5)).Select(row => $"C{row.Text.Replace(" ", "")}S").ToList();
        Assert.InRange(heldOut.Count, 40, 120);
        Assert.Equal(heldOut, Texts(data.HeldOut));
        Assert.Equal(400, data.Train.Count + data.HeldOut.Count);
        Assert.Contains("'writer'", Assert.Throws<DataFormatException>(
            () => _folder.Read(Stage(source with { Group = "writer" }))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFileToEvaluateOnIsHeldOutAndNothingElse()
    {
        _folder.Write("x.tsv", "text\tlabel\na b\tyes\nc d\tno\n");
        _folder.Write("dev.csv", "sentence,label\ne f,no\na b,yes\n");
        var stage = Stage(new DataSource { File = "x.tsv" }) with
        {
            Evaluation = [new DataSource { File = "dev.csv", Text = "sentence" }],
        };
        var data = _folder.Read(stage);
        Assert.Equal(["CabS", "CcdS"], Texts(data.Train));
        Assert.Equal(["CefS", "CabS"], Texts(data.HeldOut));
        Assert.Equal([1, 0], Enumerable.Range(0, 2).Select(i => data.HeldOut[i].Label));
        Assert.Equal(1, data.HeldOut.SourceOf(0));

        // Of a label that is only there, nothing can have been learnt.
        _folder.Write("dev.csv", "sentence,label\ne f,maybe\n");
        var error = Assert.Throws<DataFormatException>(() => _folder.Read(stage));
        Assert.Equal((2, true), (error.Line, error.Message.Contains("'maybe' is not one of 'yes', 'no'", StringComparison.Ordinal)));
        error = Assert.Throws<DataFormatException>(() => _folder.Read(stage with { Task = TrainingTasks.MultiLabel }));
        Assert.Equal(2, error.Line);
    }

    [Fact]
    public void DocumentsOfAFileToEvaluateOnAreHeldOut()
    {
        _folder.Write("x.txt", "a b c\n\nd e f\n");
        _folder.Write("dev.txt", "g h\ni j\n\nk l\n");
        var data = _folder.Read(Stage(new DataSource { File = "x.txt" }) with
        {
            Task = TrainingTasks.MaskedLanguage,
            Evaluation = [new DataSource { File = "dev.txt" }],
        });
        Assert.Equal(["CabcS", "CdefS"], Texts(data.Train));
        Assert.Equal(["CghijS", "CklS"], Texts(data.HeldOut));
    }

    [Fact]
    public void PartsAndCopiesOverlapAndOtherTextsDoNot()
    {
        var random = new Random(3);
        var texts = Enumerable.Range(0, 200).Select(_ => Letters(random, 20)).ToList();
        Assert.Equal(0, Share(texts[..100], texts[100..]));
        Assert.Equal(1, Share(texts, [.. texts.Select(text => text[10..30])]));
        Assert.Equal(1, Share(texts, [.. texts.Select(text => text + " a b")]));
        Assert.Equal(0.5, Share(texts[..100], texts));

        // Short texts are the same or not, whatever longer ones contain.
        Assert.Equal(0, Share(texts, [.. texts.Select(text => text[..5])]));
        Assert.Equal(0.5, Share(["a b", .. texts], ["a b", "b a"]));
        Assert.Equal(0, Share(texts, []));

        // Unknown words are no end of a text.
        Assert.Equal(0, Share(["a b", .. texts], ["a b ! c d"]));

        // What many training texts have a little of is none of them.
        Assert.Equal(0, Share([.. texts.Take(20)], [string.Join(' ', texts.Take(20))]));
    }

    [Fact]
    public void OfAPairBothTextsMustBeOfOnePair()
    {
        var random = new Random(5);
        var texts = Enumerable.Range(0, 200).Select(_ => Letters(random, 20)).ToList();
        var pairs = texts[..100].Zip(texts[100..], (a, b) => (a, b)).ToList();
        Assert.Equal(1, Share(pairs, pairs));
        Assert.Equal(1, Share(pairs, [.. pairs.Select(pair => (pair.b + " a b", pair.a))]));
        Assert.Equal(1, Share(pairs, [.. pairs.Select(pair => (pair.a[10..30], pair.b))]));
        Assert.Equal(0, Share(pairs, [.. pairs.Select(pair => (pair.a, Letters(random, 20)))]));
        Assert.Equal(0, Share(pairs, [.. pairs.Select(pair => (pair.a, Letters(random, 3)))]));

        // Each of the texts is known, but from another pair.
        Assert.Equal(0, Share(pairs, [.. pairs.Zip([.. pairs[1..], pairs[0]], (one, next) => (one.a, next.b))]));
        Assert.Equal(0.5, Share([("a b", "c d"), .. pairs], [("a b", "c d"), ("a b", "d c")]));
    }

    [Fact]
    public void TheWindowsOfATextAreOneText()
    {
        var random = new Random(6);
        var texts = Enumerable.Range(0, 20).Select(_ => Letters(random, 100)).ToList();
        _folder.Write("x.tsv", "text\tlabel\nz\tyes\n" + string.Concat(texts.Select(text => $"{text}\tno\n")));
        _folder.Write("dev.tsv", "text\tlabel\n" + string.Concat(texts.Select(text => $"{text[60..140]}\tno\n")));
        var data = _folder.Read(Stage(new DataSource { File = "x.tsv" }) with
        {
            Evaluation = [new DataSource { File = "dev.tsv" }],
            LongText = LongText.Windows,
            Stride = 5,
        });
        Assert.True(data.Train.Count > data.Train.TextCount);
        Assert.Equal(1, SplitOverlap.Share(data.Train, data.HeldOut, _folder.Tokenizer));
    }

    private double Share(IReadOnlyList<string> trained, IReadOnlyList<string> evaluated) => Share(
        [.. trained.Select(text => (text, "z"))], [.. evaluated.Select(text => (text, "z"))], null);

    private double Share(IReadOnlyList<(string, string)> trained, IReadOnlyList<(string, string)> evaluated, string? pair = "pair")
    {
        _folder.Write("x.tsv", $"text\tpair\tlabel\nz\tz\tyes\n{Rows(trained)}");
        _folder.Write("dev.tsv", $"text\tpair\tlabel\n{Rows(evaluated)}");
        var data = _folder.Read(Stage(new DataSource { File = "x.tsv", Pair = pair }) with
        {
            MaxLength = 128,
            Evaluation = [new DataSource { File = "dev.tsv", Pair = pair }],
        });
        return SplitOverlap.Share(data.Train, data.HeldOut, _folder.Tokenizer);

        static string Rows(IEnumerable<(string A, string B)> pairs) => string.Concat(pairs.Select(row => $"{row.A}\t{row.B}\tno\n"));
    }

    private static string Letters(Random random, int count) =>
        string.Join(' ', Enumerable.Range(0, count).Select(_ => (char)('a' + random.Next(26))));

    private static StageRecipe Stage(DataSource source) => new()
    {
        Name = "x",
        Task = TrainingTasks.SingleLabel,
        Data = [source],
        MaxLength = 64,
        HeldOut = 0,
    };

    private List<string> Texts(ExampleSet set) => [.. Enumerable.Range(0, set.Count).Select(i => _folder.Text(set, i))];
}
