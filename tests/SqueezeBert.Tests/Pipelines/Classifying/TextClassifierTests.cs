using SqueezeBert.Checkpoints;

namespace SqueezeBert.Tests.Pipelines.Classifying;

public class TextClassifierTests
{
    private static readonly string Long = string.Join(' ', Enumerable.Repeat("the film was very good", 40));

    [Fact]
    public void ScoresAreADistributionInDescendingOrderUnderTheModelsLabels()
    {
        using var folder = new ClassifierFolder();
        using var classifier = TextClassifier.Load(folder.Path);
        var answer = classifier.Classify("The film was good.");
        Assert.Equal(classifier.Labels.Order(), answer.Labels.Select(label => label.Label).Order());
        Assert.Equal(1, answer.Labels.Sum(label => label.Score), 5);
        Assert.Equal(answer.Labels.OrderByDescending(label => label.Score), answer.Labels);
        Assert.Equal((answer.Labels[0].Label, answer.Labels[0].Score), (answer.Label, answer.Score));
        Assert.Equal(7, answer.Read.TokenCount);
        Assert.False(answer.Read.IsTruncated);
    }

    [Fact]
    public void ManyTextsGiveWhatEachGivesAloneInOrder()
    {
        using var folder = new ClassifierFolder();
        using var classifier = TextClassifier.Load(folder.Path, null, new ModelOptions { BatchTokens = 50 });
        var texts =
            Enumerable.Range(0, 60).Select(i => string.Join(' ', Enumerable.Repeat(i % 2 == 0 ? "good" : "bad film", i % 17))).ToList();
        var together = classifier.Classify(texts);
        Assert.Equal(texts.Count, together.Count);
        for (var i = 0; i < texts.Count; i++) Assert.Equal(classifier.Classify(texts[i]).Labels, together[i].Labels);
    }

    [Fact]
    public void PairsAndTextsAloneShareAStreamAndGiveWhatEachGivesAlone()
    {
        using var folder = new ClassifierFolder();
        using var classifier = TextClassifier.Load(folder.Path, null, new ModelOptions { BatchTokens = 30 });
        var texts = Enumerable.Range(0, 20)
            .Select(i => new TextPair($"good film {i}", i % 3 == 0 ? null : string.Join(' ', Enumerable.Repeat("bad", i)))).ToList();
        var together = classifier.ClassifyStream(texts).ToList();
        Assert.Equal(texts.Count, together.Count);
        for (var i = 0; i < texts.Count; i++) Assert.Equal(classifier.Classify(texts[i]).Labels, together[i].Labels);
    }

    [Fact]
    public async Task StreamsAreLazyAndInOrder()
    {
        using var folder = new ClassifierFolder();
        using var classifier = TextClassifier.Load(folder.Path, null, new ModelOptions { BatchTokens = 1 });
        var read = 0;
        IEnumerable<string> Texts()
        {
            while (true)
            {
                read++;
                yield return "good " + new string('x', read);
            }
        }

        var first = classifier.ClassifyStream(Texts()).Take(3).ToList();
        Assert.Equal(3, first.Count);
        Assert.InRange(read, 3, 4);
        var awaited = new List<Classification>();
        await foreach (var item in classifier.ClassifyStreamAsync(Awaited())) awaited.Add(item);
        Assert.Equal(classifier.Classify("bad").Labels, awaited[1].Labels);

        static async IAsyncEnumerable<string> Awaited()
        {
            await Task.Yield();
            yield return "good";
            yield return "bad";
        }
    }

    [Fact]
    public void ALongTextIsTruncatedAndSaysSo()
    {
        using var folder = new ClassifierFolder();
        using var classifier = TextClassifier.Load(folder.Path);
        var answer = classifier.Classify(Long);
        Assert.True(answer.Read.IsTruncated);
        Assert.Equal(40, answer.Read.TokenCount);
    }

    [Fact]
    public void WindowsReadAllOfALongTextAndWeighWhatEachAdds()
    {
        using var folder = new ClassifierFolder();
        using var windows = TextClassifier.Load(folder.Path, new TextClassifierOptions { Reading = new() { LongText = LongText.Windows } });
        using var whole = TextClassifier.Load(folder.Path);
        var answer = windows.Classify(Long);
        Assert.False(answer.Read.IsTruncated);
        Assert.Equal(202, answer.Read.TokenCount);
        Assert.Equal(1, answer.Labels.Sum(label => label.Score), 5);

        // Each window by itself: 38 of 200 words at steps of 19, weighted by the words it adds.
        var words = Long.Split(' ');
        var expected = whole.Labels.ToDictionary(label => label, _ => 0.0);
        for (int start = 0, covered = 0; covered < words.Length; start += 19)
        {
            var end = Math.Min(words.Length, start + 38);
            foreach (var (label, score) in whole.Classify(string.Join(' ', words[start..end])).Labels) expected[label] += score
                * (end - covered) / 200;
            covered = end;
        }

        foreach (var (label, score) in answer.Labels) Assert.Equal(expected[label], score, 5);
        Assert.Equal(whole.Classify("good film").Labels, windows.Classify("good film").Labels);
    }

    [Fact]
    public void SeveralLabelsAndRegressionsAreScoredByTheirKind()
    {
        using var several = new ClassifierFolder("squeezebert-multi-label");
        using var classifier = TextClassifier.Load(several.Path);
        Assert.Equal(ProblemType.MultiLabelClassification, classifier.ProblemType);
        Assert.All(classifier.Classify("good").Labels, label => Assert.InRange(label.Score, 0, 1));
        Assert.NotEqual(1, classifier.Classify("good").Labels.Sum(label => label.Score), 3);
        using var regression = new ClassifierFolder("squeezebert-regression");
        using var regressor = TextClassifier.Load(regression.Path);
        Assert.Equal(ProblemType.Regression, regressor.ProblemType);
        Assert.Single(regressor.Classify("good").Labels);
    }

    [Fact]
    public void TheInnerPathAllocatesNothingAndAgrees()
    {
        using var folder = new ClassifierFolder();
        using var classifier = TextClassifier.Load(folder.Path);
        var scores = new float[classifier.Labels.Count];
        for (var i = 0; i < 50; i++) classifier.Classify("The film was very good.".AsSpan(), scores, out _);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 100; i++) classifier.Classify("The film was very good.".AsSpan(), scores, out _);
        }));
        Assert.Equal(classifier.Classify("The film was very good.").Score, scores.Max());
    }

    [Fact]
    public void CallersAtTheSameTimeGetTheirOwnAnswers()
    {
        using var folder = new ClassifierFolder();
        using var classifier = TextClassifier.Load(folder.Path);
        var texts = Enumerable.Range(0, 20).Select(i => string.Join(' ', Enumerable.Repeat("good bad", i))).ToList();
        var expected = texts.Select(text => classifier.Classify(text).Labels).ToList();
        Parallel.For(0, 200, i => Assert.Equal(expected[i % 20], classifier.Classify(texts[i % 20]).Labels));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\ud800")]
    [InlineData("\0")]
    public void StrangeTextsAreOrdinary(string text)
    {
        using var folder = new ClassifierFolder();
        using var classifier = TextClassifier.Load(folder.Path);
        Assert.Equal(1, classifier.Classify(text).Labels.Sum(label => label.Score), 5);
    }

    [Fact]
    public void APairIsReadAsTwoSentences()
    {
        using var folder = new ClassifierFolder();
        using var classifier = TextClassifier.Load(folder.Path);
        Assert.NotEqual(classifier.Classify("good film").Labels, classifier.Classify("good", "film").Labels);
        Assert.Equal(5, classifier.Classify("good", "film").Read.TokenCount);
        Assert.True(classifier.Classify(Long, Long).Read.IsTruncated);
    }

    [Fact]
    public void AFolderThatDoesNotExistIsAnErrorWithTheNearestName()
    {
        using var folder = new ClassifierFolder();
        var wrong = folder.Path + "x";
        var error = Assert.Throws<InvalidModelFileException>(() => TextClassifier.Load(wrong));
        Assert.Contains(Path.GetFileName(folder.Path), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherKindOfModelIsRefused()
    {
        using var folder = new ClassifierFolder("squeezebert-encoder");
        Assert.Contains("SqueezeBertModel", Assert.Throws<UnsupportedModelException>(() => TextClassifier.Load(folder.Path)).Message,
            StringComparison.Ordinal);
    }
}
