using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Tests.Pipelines.Classifying;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.Pipelines;

/// <summary>Zero-shot classification, multiple choice and features against a model that is run by hand.</summary>
public class PairTaskTests
{
    private const string Text = "The film was very good.";
    private static readonly string Long = string.Join(' ', Enumerable.Repeat("the film was very good", 40));

    [Fact]
    public void LabelsCompeteByTheirEntailment()
    {
        using var folder = Inference("neutral", "Entailment", "contradiction");
        using var classifier = ZeroShotClassifier.Load(folder.Path, new ZeroShotClassifierOptions { HypothesisTemplate = "was {}?" });
        Assert.Equal("Entailment", classifier.EntailmentLabel);
        string[] labels = ["good", "bad", "very bad"];
        var answer = classifier.Classify(Text, labels);
        var logits = labels.Select(label => Logits(folder.Path, Text, $"was {label}?")).ToList();
        AssertScores(labels, PlainModel.Softmax(logits.Select(values => (double)values[1])), answer);
        Assert.False(answer.Read.IsTruncated);
    }

    [Fact]
    public void SeveralLabelsAreEachEntailedOrContradicted()
    {
        using var folder = Inference("neutral", "Entailment", "contradiction");
        using var classifier = ZeroShotClassifier.Load(folder.Path);
        string[] labels = ["good", "bad"];
        var logits = labels.Select(label => Logits(folder.Path, Text, $"This example is {label}.")).ToList();
        double[] expected = [.. logits.Select(values => PlainModel.Softmax([values[2], values[1]])[1])];
        AssertScores(labels, expected, classifier.Classify(Text, labels, multiLabel: true));
        AssertScores(["good"], [expected[0]], classifier.Classify(Text, ["good"]));
    }

    [Theory]
    [InlineData("entailment", "not_entailment", "x", 0, 1)]
    [InlineData("CONTRADICTION", "NEUTRAL", "ENTAILMENT", 2, 0)]
    public void TheLabelsNamesTellWhichIsWhich(string first, string second, string third, int entailment, int contradiction)
    {
        string[] labels = [first, second, third];
        Assert.Equal(entailment, ZeroShotClassifier.Entailment(labels, null));
        Assert.Equal(contradiction, ZeroShotClassifier.Contradiction(labels, entailment));
        Assert.Equal(1, ZeroShotClassifier.Contradiction(["entailment", "other"], 0));
        Assert.Equal(1, ZeroShotClassifier.Entailment(labels, second));
    }

    [Fact]
    public void WhatCannotBeAskedIsRefused()
    {
        using var plain = new ClassifierFolder();
        Assert.Contains("LABEL_0, LABEL_1, LABEL_2",
            Assert.Throws<UnsupportedModelException>(() => ZeroShotClassifier.Load(plain.Path)).Message, StringComparison.Ordinal);
        using var named = ZeroShotClassifier.Load(plain.Path, new ZeroShotClassifierOptions { EntailmentLabel = "LABEL_2" });
        Assert.Equal(2, named.Classify(Text, ["good", "bad"]).Labels.Count);
        Assert.Throws<UnsupportedModelException>(() => named.Classify(Text, ["good", "bad"], multiLabel: true));
        Assert.Throws<ArgumentException>(() => ZeroShotClassifier.Load(
            plain.Path, new ZeroShotClassifierOptions { HypothesisTemplate = "no place" }));
        Assert.Throws<ArgumentException>(() => named.Classify(Text, []));
        Assert.Throws<ArgumentException>(() => named.Classify(Text, ["good", "good"]));
        Assert.Contains("no room", Assert.Throws<ArgumentException>(() => named.Classify(Text, ["good", Long])).Message,
            StringComparison.Ordinal);
        using var other = ZeroShotClassifier.Load(plain.Path, new ZeroShotClassifierOptions { EntailmentLabel = "LABEL_1" });
        Assert.Throws<ArgumentException>(() => other.ClassifyStream([Text], named.Prepare(["good", "bad"])));
    }

    [Fact]
    public void TextsAreCutAndHypothesesAreNot()
    {
        using var folder = Inference("neutral", "entailment", "contradiction");
        using var classifier = ZeroShotClassifier.Load(folder.Path, null, new ModelOptions { BatchTokens = 50 });
        string[] labels = ["good", "bad"];
        string[] texts = [Long, Text, "", Long];
        var together = classifier.Classify(texts, labels);
        Assert.Equal([true, false, false, true], together.Select(answer => answer.Read.IsTruncated));
        for (var i = 0; i < texts.Length; i++) Assert.Equal(classifier.Classify(texts[i], labels).Labels, together[i].Labels);
        var logits = labels.Select(label => Logits(folder.Path, Long, $"This example is {label}.")).ToList();
        AssertScores(labels, PlainModel.Softmax(logits.Select(values => (double)values[1])), together[0]);
    }

    [Fact]
    public void ZeroShotAllocatesNothingInside()
    {
        using var folder = Inference("neutral", "entailment", "contradiction");
        using var classifier = ZeroShotClassifier.Load(folder.Path);
        var labels = classifier.Prepare(["good", "bad"]);
        var scores = new float[2];
        for (var i = 0; i < 50; i++) classifier.Classify(Text.AsSpan(), labels, scores, out _);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 20; i++) classifier.Classify(Text.AsSpan(), labels, scores, out _);
        }));
        Assert.Equal(classifier.Classify(Text, ["good", "bad"]).Score, scores.Max());
    }

    [Fact]
    public void ChoicesCompeteByTheirLogits()
    {
        using var folder = new ClassifierFolder("squeezebert-multiple-choice");
        using var selector = ChoiceSelector.Load(folder.Path);
        string[] choices = ["good", "bad film", "very very bad", Long];
        var choice = selector.Choose(Text, choices);
        var expected = PlainModel.Softmax(choices.Select(text => (double)Logits(folder.Path, Text, text, Truncation.LongestFirst)[0]));
        Assert.Equal(choices.Length, choice.Choices.Count);
        foreach (var item in choice.Choices)
        {
            Assert.Equal(choices[item.Index], item.Text);
            Assert.Equal(expected[item.Index], item.Score, 1e-5);
        }

        Assert.Equal(choice.Choices.OrderByDescending(item => item.Score), choice.Choices);
        Assert.Equal(Array.IndexOf(expected, expected.Max()), choice.Best.Index);
        Assert.True(choice.Read.IsTruncated);
        Assert.False(selector.Choose(Text, choices[..2]).Read.IsTruncated);
        Assert.Throws<ArgumentException>(() => selector.Choose(Text, []));
    }

    [Fact]
    public void ManyChoicesAreWhatEachIsAloneAndCostNothingInside()
    {
        using var folder = new ClassifierFolder("squeezebert-multiple-choice");
        using var selector = ChoiceSelector.Load(folder.Path, null, new ModelOptions { BatchTokens = 20 });
        List<(string, IReadOnlyList<string>)> questions = [.. Enumerable.Range(1, 9)
            .Select(i => ($"film {i}", (IReadOnlyList<string>)[.. Enumerable.Repeat("good", i).Select((word, k) => word + k)]))];
        var together = selector.Choose(questions);
        for (var i = 0; i < questions.Count; i++)
            Assert.Equal(selector.Choose(questions[i].Item1, questions[i].Item2).Choices, together[i].Choices);
        string[] choices = ["good", "bad"];
        var scores = new float[2];
        for (var i = 0; i < 50; i++) selector.Choose(Text, choices, scores, out _);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 20; i++) selector.Choose(Text, choices, scores, out _);
        }));
        Assert.Equal(selector.Choose(Text, choices).Best.Score, scores.Max());
    }

    [Theory]
    [InlineData(null, OutputNames.LastHiddenState)]
    [InlineData(0, "hidden_states.0")]
    [InlineData(2, "hidden_states.2")]
    public void FeaturesAreTheHiddenStatesOfALayer(int? layer, string output)
    {
        using var folder = new ClassifierFolder("squeezebert-sequence-classification");
        using var extractor = FeatureExtractor.Load(folder.Path, new FeatureExtractorOptions { Layer = layer });
        using var plain = new PlainModel(folder.Path);
        var encoding = plain.Tokenizer.Encode(Text);
        var features = extractor.Extract(Text);
        Assert.Equal(plain.Run(encoding, output), features.Values.ToArray());
        Assert.Equal(encoding.Ids.ToArray(), features.TokenIds.ToArray());
        Assert.Equal(encoding.Offsets.ToArray(), features.Offsets.ToArray());
        Assert.Equal((8, 48, false), (features.TokenCount, features.Width, features.Read.IsTruncated));
        Assert.Equal(features.Values.ToArray()[48..96], features[1].ToArray());
    }

    [Fact]
    public void FeaturesOfManyTextsAreThoseOfEachAloneAndLongOnesAreCut()
    {
        using var folder = new ClassifierFolder("squeezebert-encoder");
        using var extractor = FeatureExtractor.Load(folder.Path, null, new ModelOptions { BatchTokens = 30 });
        string[] texts = [Text, "", Long, "good"];
        var together = extractor.Extract(texts);
        Assert.Equal([false, false, true, false], together.Select(features => features.Read.IsTruncated));
        Assert.Equal([8, 2, 40, 3], together.Select(features => features.TokenCount));
        var values = new float[40 * 48];
        for (var i = 0; i < texts.Length; i++)
        {
            extractor.Extract(texts[i].AsSpan(), values, out var read);
            Assert.Equal(together[i].Read, read);
            Assert.Equal(together[i].Values.ToArray(), values[..(together[i].TokenCount * 48)]);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => FeatureExtractor.Load(folder.Path, new FeatureExtractorOptions { Layer = 4 }));
    }

    private static ClassifierFolder Inference(params string[] labels)
    {
        var folder = new ClassifierFolder();
        var path = Path.Combine(folder.Path, "config.json");
        var json = File.ReadAllText(path);
        for (var i = 0; i < labels.Length; i++) json = json.Replace($"LABEL_{i}", labels[i], StringComparison.Ordinal);
        File.WriteAllText(path, json);
        return folder;
    }

    private static float[] Logits(string path, string text, string pair, Truncation truncation = Truncation.OnlyFirst)
    {
        using var model = new PlainModel(path);
        return model.Run(model.Tokenizer.Encode(text, pair, new EncodingOptions { MaxLength = 40, Truncation = truncation }));
    }

    private static void AssertScores(string[] labels, double[] expected, Classification answer)
    {
        Assert.Equal(labels.Length, answer.Labels.Count);
        foreach (var (label, score) in answer.Labels) Assert.Equal(expected[Array.IndexOf(labels, label)], score, 1e-5);
        Assert.Equal(answer.Labels.OrderByDescending(label => label.Score), answer.Labels);
    }
}
