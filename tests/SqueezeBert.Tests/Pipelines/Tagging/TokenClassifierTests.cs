using SqueezeBert.Tests.Pipelines.Classifying;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.Pipelines.Tagging;

public class TokenClassifierTests
{
    private const string Text = "The films was very good, was it?";
    private static readonly string[] Words =
        [.. Enumerable.Range(0, 80).Select(i => i % 3 == 0 ? "film" : i % 3 == 1 ? "bad" : ((char)('a' + (i % 26))).ToString())];

    [Fact]
    public void TokensHaveTheSoftmaxOfTheirLogitsAndPlacesInTheText()
    {
        using var folder = new ClassifierFolder("squeezebert-token-classification");
        using var classifier = TokenClassifier.Load(folder.Path, new TokenClassifierOptions { Aggregation = EntityAggregation.None });
        var found = classifier.Classify(Text);
        var expected = Reference(folder.Path, Text);
        Assert.Equal(expected.Count, found.Entities.Count);
        Assert.Equal(expected.Count + 2, found.Read.TokenCount);
        for (var i = 0; i < expected.Count; i++)
        {
            var (offset, scores) = expected[i];
            var entity = found.Entities[i];
            Assert.Equal((offset.Start, offset.End), (entity.Start, entity.End));
            Assert.Equal(Text[offset.Start..offset.End], entity.Text);
            Assert.Equal(scores.Max(), entity.Score, 1e-5);
            Assert.Equal(classifier.Labels[Array.IndexOf(scores, scores.Max())], entity.Label);
        }
    }

    [Fact]
    public void WindowsGiveEachTokenTheScoresOfTheWindowThatOwnsIt()
    {
        using var folder = new ClassifierFolder("squeezebert-token-classification");
        using var windows = TokenClassifier.Load(
            folder.Path,
            new TokenClassifierOptions { Reading = new() { LongText = LongText.Windows }, Aggregation = EntityAggregation.None },
            new ModelOptions { BatchTokens = 50 });
        var text = string.Join(' ', Words);
        var found = windows.Classify(text);
        Assert.False(found.Read.IsTruncated);
        Assert.Equal((82, 4), (found.Read.TokenCount, found.Read.WindowCount));
        Assert.Equal(80, found.Entities.Count);

        // Windows of 38 tokens at steps of 19; what two have in common is divided in the middle.
        (int Start, int End, int From, int To)[] cover = [(0, 38, 0, 28), (19, 57, 28, 47), (38, 76, 47, 66), (57, 80, 66, 80)];
        foreach (var (start, end, from, to) in cover)
        {
            var alone = Reference(folder.Path, string.Join(' ', Words[start..end]));
            for (var token = from; token < to; token++) Assert.Equal(alone[token - start].Scores.Max(), found.Entities[token].Score, 1e-5);
        }
    }

    [Fact]
    public void ALongTextIsTruncatedAndSaysSo()
    {
        using var folder = new ClassifierFolder("squeezebert-token-classification");
        using var classifier = TokenClassifier.Load(folder.Path);
        var found = classifier.Classify(string.Join(' ', Words));
        Assert.True(found.Read.IsTruncated);
        Assert.Equal(40, found.Read.TokenCount);
        Assert.False(classifier.Classify(Text).Read.IsTruncated);
        Assert.Empty(classifier.Classify("").Entities);
    }

    [Fact]
    public void ManyTextsGiveWhatEachGivesAlone()
    {
        using var folder = new ClassifierFolder("squeezebert-token-classification");
        using var classifier = TokenClassifier.Load(
            folder.Path, new TokenClassifierOptions { Reading = new() { LongText = LongText.Windows } },
            new ModelOptions { BatchTokens = 30 });
        var texts = Enumerable.Range(0, 20).Select(i => string.Join(' ', Words[..(4 * i)])).ToList();
        var together = classifier.Classify(texts);
        for (var i = 0; i < texts.Count; i++) Assert.Equal(classifier.Classify(texts[i]).Entities, together[i].Entities);
    }

    [Fact]
    public void TheInnerPathAllocatesNothingAndAgrees()
    {
        using var folder = new ClassifierFolder("squeezebert-token-classification");
        using var classifier = TokenClassifier.Load(folder.Path, new TokenClassifierOptions { Aggregation = EntityAggregation.None });
        var (scores, offsets) = (new float[100], new TokenOffset[20]);
        var count = 0;
        for (var i = 0; i < 50; i++) count = classifier.Classify(Text.AsSpan(), scores, offsets, out _);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 20; i++) classifier.Classify(Text.AsSpan(), scores, offsets, out _);
        }));
        var entities = classifier.Classify(Text).Entities;
        Assert.Equal(entities.Count, count);
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(entities[i].Start, offsets[i].Start);
            Assert.Equal(entities[i].Score, scores[(5 * i)..(5 * (i + 1))].Max());
        }

        Assert.Throws<ArgumentException>(() => classifier.Classify(Text.AsSpan(), scores, new TokenOffset[2], out _));
    }

    private static List<(TokenOffset Offset, double[] Scores)> Reference(string path, string text)
    {
        using var model = new PlainModel(path);
        var encoding = model.Tokenizer.Encode(text);
        var logits = model.Run(encoding).Chunk(5).ToList();
        return [.. Enumerable.Range(1, encoding.Length - 2)
            .Select(i => (encoding.Offsets[i], PlainModel.Softmax(logits[i].Select(value => (double)value))))];
    }
}
