using SqueezeBert.Release.Tests;

namespace SqueezeBert.Documentation.Tests;

/// <summary>The sentiment model in the box says what its card says.</summary>
public sealed class SentimentCardTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "models", "sentiment");

    [Theory]
    [InlineData("The movie was shit.", "negative")]
    [InlineData("Save your money.", "negative")]
    [InlineData("The parcel was delivered on Tuesday.", "neutral")]
    [InlineData("How do I reset my password?", "neutral")]
    [InlineData("Not bad at all.", "positive")]
    [InlineData("It stopped working after a week.", "negative")]
    [InlineData("I would not change a thing.", "negative")]
    [InlineData("", "neutral")]
    [InlineData("It is a film.", "positive")]
    [InlineData("Das Hotel war wunderbar.", "negative")]
    public void ASentenceHasItsLabel(string text, string label)
    {
        using var classifier = TextClassifier.Load(Folder);
        Assert.Equal(["negative", "neutral", "positive"], classifier.Labels);
        Assert.Equal(label, classifier.Classify(text).Label);
    }

    /// <summary>The hundred sentences are in the repository, so that the card's figure can be counted.</summary>
    [Fact]
    public void TheCardsFigureOfTheHundredSentencesIsTheModels()
    {
        using var classifier = TextClassifier.Load(Folder);
        var rows = File.ReadLines(Path.Combine(Repository.Root, "docs", "results", "sentiment-sentences.tsv")).Skip(1)
            .Select(line => line.Split('\t')).ToList();
        var right = rows.Count(row => classifier.Classify(row[0]).Label == row[1]);
        Assert.Equal(100, rows.Count);
        var card = File.ReadAllText(Path.Combine(Folder, "README.md"));
        Assert.Contains($"| the same, all 100 with three labels | {right}.0 |", card, StringComparison.Ordinal);
    }
}
