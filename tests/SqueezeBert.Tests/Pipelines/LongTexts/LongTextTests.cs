using CsCheck;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Tests.Pipelines.Classifying;
using SqueezeBert.Tests.Pipelines.Embedding;

namespace SqueezeBert.Tests.Pipelines.LongTexts;

/// <summary>
/// Long texts in windows: what a pipeline gives is the documented merge of the windows, each of which is run alone by a plain model. The
/// windows of the eleven words are written out by hand.
/// </summary>
public class LongTextTests
{
    // A token each.
    private static readonly string[] Words = ["the", "film", "was", "very", "good", "bad", "the", "bad", "film", "was", "good"];
    private static readonly string Text = string.Join(' ', Words);

    // Where six fit: they overlap by three.
    private static readonly (int Start, int End, double Weight)[] OfSix = [(0, 6, 6 / 11.0), (3, 9, 3 / 11.0), (6, 11, 2 / 11.0)];

    // Where five fit: they overlap by three, since half of five is two.
    private static readonly (int Start, int End, double Weight)[] OfFive = [(0, 5, 5 / 11.0), (2, 7, 2 / 11.0), (4, 9, 2 / 11.0),
        (6, 11, 2 / 11.0)];

    [Fact]
    public void WeightedWindowsCoverAllAndWeighWhatTheyAdd() => Gen.Select(Gen.Int[0, 200], Gen.Int[1, 40]).Sample((count, room) =>
    {
        var windows = new WeightedWindows(count, room);
        var (number, covered, sum) = (0, 0, 0.0);
        while (windows.MoveNext())
        {
            Assert.True(windows.Range.Start.Value <= covered && windows.Range.End.Value - windows.Range.Start.Value <= room);
            if (count > 0) Assert.Equal((windows.Range.End.Value - covered) / (double)count, windows.Weight, 1e-6);
            covered = windows.Range.End.Value;
            sum += windows.Weight;
            number++;
        }

        Assert.Equal((count, windows.WindowCount), (covered, number));
        Assert.Equal(1, sum, 1e-5);
    });

    [Fact]
    public void WindowsOfAPairFitAndKeepAllThatTheyCan() =>
        Gen.Select(Gen.Int[0, 60], Gen.Int[0, 60], Gen.Int[2, 30]).Sample((first, second, room) =>
    {
        var windows = new PairWindows(first, second, room, LongText.Windows);
        var cut = Math.Min(first, second) > room / 2 && first + second > room;
        Assert.Equal(cut, windows.IsTruncated);
        var (coveredFirst, coveredSecond, number) = (0, 0, 0);
        while (windows.MoveNext())
        {
            var (a, b) = (windows.First.GetOffsetAndLength(first), windows.Second.GetOffsetAndLength(second));
            Assert.True(a.Length + b.Length <= room);
            (coveredFirst, coveredSecond) = (Math.Max(coveredFirst, a.Offset + a.Length), Math.Max(coveredSecond, b.Offset + b.Length));
            number++;
        }

        Assert.Equal((windows.TokenCount, windows.WindowCount), (coveredFirst + coveredSecond, number));
        Assert.Equal(Math.Max(first, second), first >= second ? coveredFirst : coveredSecond);
        Assert.Equal(cut ? room / 2 : Math.Min(first, second), first >= second ? coveredSecond : coveredFirst);
    });

    [Fact]
    public void PairsAverageTheScoresOfTheirWindows()
    {
        using var folder = new ClassifierFolder();
        using var classifier = TextClassifier.Load(
            folder.Path, new TextClassifierOptions { Reading = new() { MaxLength = 10, LongText = LongText.Windows } },
            new ModelOptions { BatchTokens = 12 });
        using var plain = new PlainModel(folder.Path);
        var first = classifier.Classify(Text, "good");
        AssertScores(Merge(OfSix, window => Softmax(plain.Run(plain.Tokenizer.Encode(window, "good")))), classifier, first);
        Assert.Equal((3, 15, false), (first.Read.WindowCount, first.Read.TokenCount, first.Read.IsTruncated));
        var second = classifier.Classify("very bad", Text);
        AssertScores(Merge(OfFive, window => Softmax(plain.Run(plain.Tokenizer.Encode("very bad", window)))), classifier, second);
        Assert.Equal((4, 16, false), (second.Read.WindowCount, second.Read.TokenCount, second.Read.IsTruncated));

        // Of two long texts the second one keeps three of the seven that fit: the first has four.
        var both = classifier.Classify(Text, Text);
        Assert.True(both.Read.IsTruncated);
        Assert.Equal(11 + 3 + 3, both.Read.TokenCount);
        AssertSame(classifier.Classify(Text, "the film was"), both);
        using var cut = TextClassifier.Load(folder.Path, new TextClassifierOptions { Reading = new() { MaxLength = 10 } });
        AssertSame(cut.Classify("good", "bad"), classifier.Classify("good", "bad"));
    }

    [Fact]
    public void ZeroShotAveragesTheLogitsOfTheSameWindowsForAllLabels()
    {
        using var folder = Inference();
        var options = new ZeroShotClassifierOptions
        {
            Reading = new() { MaxLength = 12, LongText = LongText.Windows },
            HypothesisTemplate = "was {}",
        };
        using var classifier = ZeroShotClassifier.Load(folder.Path, options, new ModelOptions { BatchTokens = 20 });
        using var plain = new PlainModel(folder.Path);
        string[] labels = ["very bad", "good"];
        var logits =
            labels.Select(label => Merge(
                OfSix, window => [.. plain.Run(plain.Tokenizer.Encode(window, $"was {label}")).Select(value => (double)value)])).ToList();
        var answer = classifier.Classify(Text, labels);
        var expected = PlainModel.Softmax(logits.Select(values => values[1]));
        Assert.All(answer.Labels, label => Assert.Equal(expected[Array.IndexOf(labels, label.Label)], label.Score, 1e-5));
        Assert.Equal((3, false, 11 + 3 + 3), (answer.Read.WindowCount, answer.Read.IsTruncated, answer.Read.TokenCount));
        var several = classifier.Classify(Text, labels, multiLabel: true);
        Assert.All(several.Labels, label => Assert.Equal(Entailed(logits[Array.IndexOf(labels, label.Label)]), label.Score, 1e-5));
        var scores = new float[2];
        classifier.Classify(Text.AsSpan(), classifier.Prepare(labels), scores, out var read);
        Assert.Equal(answer.Read, read);
        Assert.Equal(answer.Score, scores.Max());
        using var cut = ZeroShotClassifier.Load(
            folder.Path, options with { Reading = options.Reading with { LongText = LongText.Truncate } });
        Assert.True(cut.Classify(Text, labels).Read.IsTruncated);
        Assert.Equal(cut.Classify("the film was", labels).Labels, classifier.Classify("the film was", labels).Labels);

        static double Entailed(double[] logits) => PlainModel.Softmax([logits[2], logits[1]])[1];
    }

    [Fact]
    public void ChoicesAverageTheLogitsOfTheLongerTextsWindows()
    {
        using var folder = new ClassifierFolder("squeezebert-multiple-choice");
        using var selector = ChoiceSelector.Load(folder.Path,
            new ChoiceSelectorOptions { Reading = new() { MaxLength = 10, LongText = LongText.Windows } },
            new ModelOptions { BatchTokens = 12 });
        using var plain = new PlainModel(folder.Path);
        var choice = selector.Choose(Text, ["good", "very bad"]);
        double Logit(string prompt, string text) => plain.Run(plain.Tokenizer.Encode(prompt, text))[0];
        var expected = PlainModel.Softmax(
            [Merge(OfSix, window => [Logit(window, "good")])[0], Merge(OfFive, window => [Logit(window, "very bad")])[0]]);
        Assert.All(choice.Choices, item => Assert.Equal(expected[item.Index], item.Score, 1e-5));
        Assert.Equal((4, false), (choice.Read.WindowCount, choice.Read.IsTruncated));

        var other = selector.Choose("good", ["bad", Text]);
        expected = PlainModel.Softmax([Logit("good", "bad"), Merge(OfSix, window => [Logit("good", window)])[0]]);
        Assert.All(other.Choices, item => Assert.Equal(expected[item.Index], item.Score, 1e-5));
        Assert.True(selector.Choose(Text, ["good", Text]).Read.IsTruncated);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void VectorsAreTheMeanOfTheWindows(bool normalize)
    {
        using var folder = new ClassifierFolder("squeezebert-encoder");
        var options = new TextEmbedderOptions
        {
            Reading = new() { MaxLength = 8, LongText = LongText.Windows },
            Normalize = normalize,
            Dimensions = 7,
        };
        using var embedder = TextEmbedder.Load(folder.Path, options, new ModelOptions { BatchTokens = 12 });
        using var plain = new PlainModel(folder.Path, ModelHead.None);
        var embedding = embedder.Embed(Text);
        AssertClose(Vector(Merge(OfSix, window => Mean(plain, window, 0)), normalize), embedding.Vector.Span);
        Assert.Equal((3, 13, false), (embedding.Read.WindowCount, embedding.Read.TokenCount, embedding.Read.IsTruncated));
        using var cut = TextEmbedder.Load(
            folder.Path, options with { Reading = options.Reading with { LongText = LongText.Truncate } });
        Assert.True(cut.Embed(Text).Read.IsTruncated);
        Assert.Equal(cut.Embed("the film was").Vector.ToArray(), embedder.Embed("the film was").Vector.ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void EachWindowOfAVectorStandsBehindThePrompt(bool includesPrompt)
    {
        using var folder = TextEmbedderTests.SentenceTransformers("mean", includesPrompt, maxLength: 11);
        using var embedder = TextEmbedder.Load(folder.Path,
            new TextEmbedderOptions { Reading = new() { LongText = LongText.Windows }, Dimensions = 7 });
        using var plain = new PlainModel(folder.Path, ModelHead.None);
        var embedding = embedder.Embed(Text, "query");
        AssertClose(Vector(Merge(OfSix, window => Mean(plain, "the film: " + window, includesPrompt ? 0 : 4)), normalize: true),
            embedding.Vector.Span);
        Assert.Equal((3, 16), (embedding.Read.WindowCount, embedding.Read.TokenCount));
        using var shorter = TextEmbedder.Load(folder.Path,
            new TextEmbedderOptions { Reading = new() { LongText = LongText.Windows, MaxLength = 5 } });
        Assert.Contains("leaves no room", Assert.Throws<ArgumentException>(() => shorter.Embed(Text, "query")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void HiddenStatesComeFromTheWindowThatOwnsTheToken()
    {
        using var folder = new ClassifierFolder("squeezebert-encoder");
        using var extractor = FeatureExtractor.Load(
            folder.Path, new FeatureExtractorOptions { Reading = new() { MaxLength = 8, LongText = LongText.Windows } },
            new ModelOptions { BatchTokens = 12 });
        using var plain = new PlainModel(folder.Path, ModelHead.None);
        var features = extractor.Extract(Text);
        var windows =
            OfSix.Select(window => plain.Run(plain.Tokenizer.Encode(Join(window.Start, window.End)), OutputNames.LastHiddenState).Chunk(48)
                .ToList()).ToList();

        // [CLS], four tokens of the first window, three of the second from its second on, four of the third from its second on, [SEP].
        List<float[]> expected = [.. windows[0][..5], .. windows[1][2..5], .. windows[2][2..7]];
        Assert.Equal(expected.SelectMany(row => row), features.Values.ToArray());
        var encoding = plain.Tokenizer.Encode(Text);
        Assert.Equal(encoding.Ids.ToArray(), features.TokenIds.ToArray());
        Assert.Equal(encoding.Offsets.ToArray(), features.Offsets.ToArray());
        Assert.Equal((3, 13, false), (features.Read.WindowCount, features.TokenCount, features.Read.IsTruncated));
        var values = new float[13 * 48];
        extractor.Extract(Text.AsSpan(), values, out var read);
        Assert.Equal(features.Read, read);
        Assert.Equal(features.Values.ToArray(), values);
        Assert.Equal(1, extractor.Extract("").Read.WindowCount);
    }

    [Fact]
    public void WindowsWithAMaskAreCounted()
    {
        using var folder = new ClassifierFolder("squeezebert-masked-lm");
        using var filler = MaskFiller.Load(folder.Path,
            new MaskFillerOptions { Reading = new() { MaxLength = 8, LongText = LongText.Windows } });
        Assert.Equal(
            [0, 1, 2], new[] { Text, "[MASK] " + Text, "[MASK] " + Text + " [MASK]" }.Select(text => filler.Fill(text).Read.WindowCount));
    }

    [Fact]
    public void TextsWithoutAMaskDoNotHoldAStreamUp()
    {
        using var folder = new ClassifierFolder("squeezebert-masked-lm");
        using var filler = MaskFiller.Load(folder.Path, null, new ModelOptions { BatchTokens = 50 });
        var read = 0;
        Assert.Equal(["good", "good"], filler.FillStream(Endless()).Take(2).Select(filling => filling.Text));
        Assert.InRange(read, 2, 50);

        IEnumerable<string> Endless()
        {
            for (; read < 10_000; read++) yield return "good";
        }
    }

    internal static ClassifierFolder Inference()
    {
        var folder = new ClassifierFolder();
        var path = Path.Combine(folder.Path, "config.json");
        File.WriteAllText(
            path,
            File.ReadAllText(path).Replace("LABEL_0", "neutral", StringComparison.Ordinal)
                .Replace("LABEL_1", "entailment", StringComparison.Ordinal).Replace("LABEL_2", "contradiction", StringComparison.Ordinal));
        return folder;
    }

    private static string Join(int start, int end) => string.Join(' ', Words[start..end]);

    private static double[] Merge((int Start, int End, double Weight)[] windows, Func<string, double[]> run)
    {
        var results = windows.Select(window => (window.Weight, Values: run(Join(window.Start, window.End)))).ToList();
        return [.. Enumerable.Range(0, results[0].Values.Length).Select(i => results.Sum(result => result.Weight * result.Values[i]))];
    }

    private static double[] Softmax(float[] logits) => PlainModel.Softmax(logits.Select(value => (double)value));

    private static double[] Mean(PlainModel plain, string text, int skipped)
    {
        var rows = plain.Run(plain.Tokenizer.Encode(text), OutputNames.LastHiddenState).Chunk(48).Skip(skipped).ToList();
        return [.. Enumerable.Range(0, 7).Select(channel => rows.Average(row => (double)row[channel]))];
    }

    private static double[] Vector(double[] values, bool normalize)
    {
        var length = normalize ? Math.Sqrt(values.Sum(value => value * value)) : 1;
        return [.. values.Select(value => value / length)];
    }

    private static void AssertScores(double[] expected, TextClassifier classifier, Classification answer)
    {
        foreach (var (label, score) in answer.Labels) Assert.Equal(expected[classifier.Labels.ToList().IndexOf(label)], score, 1e-5);
    }

    private static void AssertSame(Classification expected, Classification actual) => Assert.Equal(expected.Labels, actual.Labels);

    private static void AssertClose(double[] expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-5);
    }
}
