using SqueezeBert.Cli.Slices;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Cli.Tests;

public sealed class SliceTests
{
    private static readonly SliceExample[] Training =
        [.. Enumerable.Repeat(new SliceExample("the film was good", "the film was bad"), RareWords.Threshold)];

    [Fact]
    public void WordsAreRunsOfLettersAndDigits()
    {
        Assert.Equal(["it", "doesn't", "cost", "3", "50", "o'neil's", "caf\u00e9"],
            TextWords.Of("It doesn\u2019t cost 3.50, 'O'Neil's' Caf\u00c9!"));
        Assert.Empty(TextWords.Of(" ' - "));
        Assert.Equal(["does", "n't", "no", "without"], TextWords.Of("does n't no, without"));
        Assert.Equal([false, true, true, true, false],
            ((string[])["does", "n't", "won't", "never", "nothingness"]).Select(TextWords.IsNegation));
    }

    [Fact]
    public void ExamplesAreDividedFourTimes()
    {
        SliceExample[] examples =
        [
            new("the film", "the film was good"),
            new("the film was never good", "bad"),
            new("zebra", "the good film was bad, very bad, and it was the film of the year"),
            new("the film was good", "the film"),
        ];
        var slices = ExampleSlices.Of(examples, RareWords.ByTraining(Training), TestContext.Current.CancellationToken);
        Assert.Equal(
            [
                "all examples: 0 1 2 3", "up to 6 words: 0 1 3", "more than 6 words: 2", "with a negation: 1", "without a negation: 0 2 3",
                "with a rare word: 1 2", "without a rare word: 0 3", "less than a third of the words shared: 1 2",
                "more than two thirds shared: 0 3",
            ],
            slices.Select(slice => $"{slice.Name}: {string.Join(' ', slice.Examples)}"));
        Assert.DoesNotContain(ExampleSlices.Of([new("one", null)], RareWords.ByTraining([]), TestContext.Current.CancellationToken),
            slice => slice.Kind == "overlap");
        Assert.Empty(ExampleSlices.Of([], RareWords.ByTraining([]), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void LengthsAreThirds()
    {
        SliceExample[] examples =
            [.. Enumerable.Range(1, 9).Select(length => new SliceExample(string.Join(' ', Enumerable.Repeat("a", length)), null))];
        var slices = ExampleSlices.Of(examples, RareWords.ByTraining([]), TestContext.Current.CancellationToken)
            .Where(slice => slice.Kind == "length").ToList();
        Assert.Equal(["up to 3 words", "4 to 6 words", "more than 6 words"], slices.Select(slice => slice.Name));
        Assert.All(slices, slice => Assert.Equal(3, slice.Examples.Count));
    }

    [Fact]
    public void WithoutATrainingFileTheVocabularySaysWhatIsRare()
    {
        var rare = RareWords.ByVocabulary(BertTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "film", "##s"]));
        Assert.Equal([false, true, true, false], ((string[])["film", "films", "zebra", "don't"]).Select(rare.Contains));
        Assert.Contains("vocabulary", rare.Rule, StringComparison.Ordinal);
        Assert.Contains("train.tsv", RareWords.ByTraining([]).Rule, StringComparison.Ordinal);
    }

    /// <summary>Values of statsmodels' mcnemar(exact=True), which are twice the binomial tail.</summary>
    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(3, 3, 1)]
    [InlineData(1, 9, 22.0 / 1024)]
    [InlineData(10, 0, 2.0 / 1024)]
    [InlineData(2, 5, 58.0 / 128)]
    public void McNemarIsTwiceTheSmallerTail(int onlyFirst, int onlySecond, double expected) =>
        Assert.Equal(expected, PairedDifference.McNemar(onlyFirst, onlySecond), 1e-12);

    [Fact]
    public void McNemarTakesCountsWhosePowersUnderflow()
    {
        Assert.InRange(PairedDifference.McNemar(4900, 5100), 0.04, 0.05);
        Assert.InRange(PairedDifference.McNemar(1000, 9000), 0, 1e-300);
    }

    [Fact]
    public void ADifferenceIsPairedAndSeeded()
    {
        double[] first = [1, 1, 1, 1, 0, 0, 1, 1], second = [1, 0, 1, 0, 1, 0, 0, 0];
        var all = Enumerable.Range(0, 8).ToList();
        var difference = PairedDifference.Of(first, second, all, 7, TestContext.Current.CancellationToken);
        Assert.Equal((8, 0.75, 0.375, -0.375, 4, 1), (difference.Examples, difference.First, difference.Second, difference.Difference,
            difference.OnlyFirst, difference.OnlySecond));
        Assert.Equal(12.0 / 32, difference.PValue!.Value, 1e-12);
        Assert.InRange(difference.Difference, difference.Low, difference.High);
        Assert.Equal(difference, PairedDifference.Of(first, second, all, 7, TestContext.Current.CancellationToken));
        Assert.NotNull(PairedDifference.Of(first, second, [1, 2], 7, TestContext.Current.CancellationToken).PValue);
        Assert.False(difference.IsClear);
        Assert.True(new PairedDifference(90, 0.9, 0.8, -0.2, -0.01, 10, 1, 0.01).IsClear);
        Assert.False(new PairedDifference(9, 0.9, 0.8, -0.2, -0.01, 4, 0, 0.125).IsClear);
        Assert.True(new PairedDifference(9, 0.9, 0.8, -0.2, -0.01, 4, 0, null).IsClear);
        Assert.Null(PairedDifference.Of([0.5], [1], [0], 7, TestContext.Current.CancellationToken).PValue);
    }

    /// <summary>Of many samples from a known difference, about 95 in 100 intervals must have it.</summary>
    [Fact]
    public void TheIntervalHasTheDifferenceAsOftenAsItSays()
    {
        var random = new Random(1);
        var all = Enumerable.Range(0, 200).ToList();
        var hits = 0;
        for (var run = 0; run < 200; run++)
        {
            double[] first = [.. all.Select(_ => random.NextDouble() < 0.8 ? 1.0 : 0)];
            double[] second = [.. all.Select(_ => random.NextDouble() < 0.7 ? 1.0 : 0)];
            var difference = PairedDifference.Of(first, second, all, run, TestContext.Current.CancellationToken);
            if (difference.Low <= -0.1 && difference.High >= -0.1) hits++;
        }

        Assert.InRange(hits, 180, 198);
    }
}
