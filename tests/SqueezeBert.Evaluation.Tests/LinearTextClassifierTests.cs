using System.Diagnostics;

namespace SqueezeBert.Evaluation.Tests;

public sealed class LinearTextClassifierTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void WordsDecide()
    {
        var model = Train(Rows(1, 2000));
        var right = Rows(2, 500).Count(row => Best(model.Predict(row.Text)) == row.Classes[0]);
        Assert.True(right > 440, $"{right} of 500");
        Assert.Equal(1, model.Predict("w1 w2, w3!").Sum(), 5);
        Assert.Equal(1, model.Predict("").Sum(), 5);
        Assert.Equal(1, model.Predict("words that it has never seen").Sum(), 5);
    }

    [Fact]
    public void PairsOfWordsDecideWhereWordsDoNot()
    {
        // "x y" and "y x" have the same words.
        var rows = Enumerable.Range(0, 400).Select(i => (
            $"f{i % 7} {(i % 2 == 0 ? "x y" : "y x")} f{i % 5}", (string?)null, (IReadOnlyList<int>)[i % 2])).ToList();
        var model = Train(rows);
        Assert.All(rows, row => Assert.Equal(row.Item3[0], Best(model.Predict(row.Item1))));
    }

    [Fact]
    public void APairIsJudgedByWhatItsTextsShare()
    {
        var random = new Random(4);
        var rows = Enumerable.Range(0, 3000).Select(i =>
        {
            var words = Enumerable.Range(0, 8).Select(_ => $"w{random.Next(30)}").ToList();
            var other = i % 2 == 0 ? words[2] : $"v{random.Next(30)}";
            return (string.Join(' ', words), (string?)$"a {other} b", (IReadOnlyList<int>)[i % 2]);
        }).ToList();
        var model = Train(rows);
        Assert.All(rows.Take(100), row => Assert.Equal(row.Item3[0], Best(model.Predict(row.Item1, row.Item2))));
    }

    [Fact]
    public void SeveralLabelsAreEachForThemselves()
    {
        var random = new Random(4);
        var rows = Enumerable.Range(0, 2000).Select(_ =>
        {
            var words = Enumerable.Range(0, 6).Select(_ => random.Next(12)).ToList();
            return (string.Join(' ', words.Select(word => $"w{word}")), (string?)null,
                (IReadOnlyList<int>)[.. words.Where(word => word < 3).Distinct()]);
        }).ToList();
        var model = LinearTextClassifier.Train(rows, 3, isMultiLabel: true, Cancelled);
        var right = rows.Count(row => Enumerable.Range(0, 3).All(
            label => model.Predict(row.Item1)[label] > 0.5f == row.Item3.Contains(label)));
        Assert.True(right > 1900, $"{right} of 2000");
    }

    [Fact]
    public void ScriptsWithoutSpacesAreRead()
    {
        (string, string?, IReadOnlyList<int>)[] rows =
        [
            ("この映画は良い", null, [1]), ("この映画は悪い", null, [0]), ("とても良いです", null, [1]), ("とても悪いです", null, [0]),
        ];
        var model = Train(rows);
        Assert.Equal([1, 0], [Best(model.Predict("良い本")), Best(model.Predict("悪い本"))]);
    }

    [Fact]
    public void TheSameTextsGiveTheSameModel()
    {
        var (first, second) = (Train(Rows(3, 500)), Train(Rows(3, 500)));
        foreach (var row in Rows(4, 50)) Assert.Equal(first.Predict(row.Text), second.Predict(row.Text));
    }

    [Fact]
    public void SeventyThousandSentencesTakeSeconds()
    {
        var rows = Rows(5, 70_000).ToList();
        var started = Stopwatch.GetTimestamp();
        Train(rows);
        var time = Stopwatch.GetElapsedTime(started);
        Assert.True(time < TimeSpan.FromSeconds(60), $"{time}");
    }

    [Fact]
    public void ClassesMustFit()
    {
        Assert.Throws<ArgumentException>(() => Train([("a", null, [2])]));
        Assert.Throws<ArgumentException>(() => Train([("a", null, [-1])]));
        Assert.Throws<ArgumentException>(() => Train([("a", null, [])]));
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => LinearTextClassifier.Train(Rows(1, 10), 2, false, source.Token));
    }

    private static LinearTextClassifier Train(IEnumerable<(string Text, string? Pair, IReadOnlyList<int> Classes)> rows) =>
        LinearTextClassifier.Train(rows, 2, cancellationToken: Cancelled);

    private static int Best(float[] scores) => Array.IndexOf(scores, scores.Max());

    // A text has more different words below w10 than above, or fewer.
    private static IEnumerable<(string Text, string? Pair, IReadOnlyList<int> Classes)> Rows(int seed, int count)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(_ =>
        {
            var words = Enumerable.Range(0, 20).ToArray();
            random.Shuffle(words);
            words = words[..9];
            return (string.Join(' ', words.Select(word => $"W{word}")), (string?)null,
                (IReadOnlyList<int>)[words.Count(word => word < 10) > 4 ? 1 : 0]);
        }).ToList();
    }
}
