using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Tests.ModelFolders;
using SqueezeBert.Tests.Pipelines.Classifying;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.Pipelines.Reranking;

/// <summary>Scores of queries and texts against a model that is run by hand.</summary>
public sealed class TextRerankerTests : IDisposable
{
    private const string Query = "was the film good?";
    private static readonly string[] Texts = ["very bad", "the film was very good", "", "the film was very good", "film, film"];
    private static readonly string Long = string.Join(' ', Enumerable.Repeat("the film was very good", 40));
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("sentence_transformers.activation_fn", "torch.nn.modules.activation.Sigmoid", true)]
    [InlineData("sentence_transformers.activation_fn", "torch.nn.modules.linear.Identity", false)]
    [InlineData("sbert_ce_default_activation_function", "torch.nn.modules.linear.Identity", false)]
    public void AScoreIsTheLogitOrItsSigmoidAsTheConfigurationSays(string? field, string? activation, bool isSigmoid)
    {
        var path = OneLabel(field, activation);
        using var reranker = TextReranker.Load(path);
        var logits = Texts.Select(text => (double)Logits(path, text)[0]).ToArray();
        var expected = isSigmoid ? logits.Select(logit => 1 / (1 + Math.Exp(-logit))).ToArray() : logits;
        var ranked = reranker.Rank(Query, Texts);
        Assert.Equal(Enumerable.Range(0, Texts.Length).OrderByDescending(i => expected[i]), ranked.Select(item => item.Index));
        Assert.All(ranked, item => Assert.Equal(expected[item.Index], item.Score, 1e-6));
        Assert.All(ranked, item => Assert.Equal(Texts[item.Index], item.Text));
        Assert.True(expected.Max() - expected.Min() > 1e-3);
        Assert.Equal("LABEL_0", reranker.RelevantLabel);
    }

    [Fact]
    public async Task EveryWayToAskGivesTheSameBits()
    {
        using var reranker = TextReranker.Load(OneLabel(), null, new ModelOptions { BatchTokens = 20 });
        var ranked = reranker.Rank(Query, Texts);
        var asynchronous = await reranker.RankAsync(Query, Texts, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(ranked.Select(item => (item.Index, item.Score)), asynchronous.Select(item => (item.Index, item.Score)));
        var pairs = Texts.Select(text => new TextPair(Query, text));
        var stream = reranker.ScoreStream(pairs);
        for (var twice = 0; twice < 2; twice++)
        {
            Assert.Equal(
                ranked.OrderBy(item => item.Index).Select(item => (item.Index, item.Text, item.Score)),
                stream.Select(item => (item.Index, item.Text, item.Score)));
            Assert.Equal(Texts[0], stream.First().Text);
        }

        foreach (var item in ranked)
        {
            Assert.Equal(item.Score, reranker.Score(Query, item.Text, out var read));
            Assert.Equal(item.Read, read);
        }
    }

    [Fact]
    public void TheRelevantOfSeveralLabelsIsNamed()
    {
        using var folder = new ClassifierFolder();
        Assert.Contains("LABEL_0, LABEL_1, LABEL_2",
            Assert.Throws<UnsupportedModelException>(() => TextReranker.Load(folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("no label 'yes'", Assert.Throws<ArgumentException>(
            () => TextReranker.Load(folder.Path, new TextRerankerOptions { RelevantLabel = "yes" })).Message, StringComparison.Ordinal);
        using var reranker = TextReranker.Load(folder.Path, new TextRerankerOptions { RelevantLabel = "LABEL_2" });
        using var classifier = TextClassifier.Load(folder.Path);
        foreach (var item in reranker.Rank(Query, Texts))
        {
            var answer = classifier.Classify(Query, item.Text);
            Assert.Equal(answer.Labels.Single(label => label.Label == "LABEL_2").Score, item.Score);
        }
    }

    [Fact]
    public void AnUnknownActivationIsRefusedByName() => Assert.Contains("torch.nn.modules.activation.Tanh",
        Assert.Throws<UnsupportedModelException>(() => TextReranker.Load(
            OneLabel("sentence_transformers.activation_fn", "torch.nn.modules.activation.Tanh"))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task NullTextsAreToldWithTheirPlaceAndLongOnesAreMarked()
    {
        using var reranker = TextReranker.Load(OneLabel());
        Assert.Throws<ArgumentNullException>(() => reranker.Rank(null!, Texts));
        Assert.Contains("texts[1]: the text is null", Assert.Throws<ArgumentException>(() => reranker.Rank(Query, ["a", null!])).Message,
            StringComparison.Ordinal);
        Assert.Contains("texts[0]: the text is null", (await Assert.ThrowsAsync<ArgumentException>(
            () => reranker.RankAsync(Query, [null!]))).Message, StringComparison.Ordinal);
        Assert.Contains("pairs[0]: the text is null", Assert.Throws<ArgumentException>(
            () => reranker.ScoreStream([new TextPair("a")]).ToList()).Message, StringComparison.Ordinal);
        Assert.True(reranker.Rank(Query, [Long])[0].Read.IsTruncated);
        Assert.True(reranker.Rank(Query, [Long], new ReadingOptions { LongText = LongText.Windows })[0].Read.WindowCount > 1);
        Assert.Empty(reranker.Rank(Query, []));
    }

    [Fact]
    public void AWarmScoreAllocatesNothing()
    {
        using var reranker = TextReranker.Load(OneLabel());
        for (var i = 0; i < 50; i++) reranker.Score(Query, Texts[1], out _);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 20; i++) reranker.Score(Query, Texts[1], out _);
        }));
    }

    private string OneLabel(string? field = null, string? activation = null)
    {
        using var vocabulary = new ClassifierFolder();
        var tokenizer = BertTokenizer.Load(vocabulary.Path);
        var size = new JsonObject
        {
            ["hidden_size"] = 48,
            ["num_hidden_layers"] = 2,
            ["num_attention_heads"] = 4,
            ["intermediate_size"] = 64,
            ["initializer_range"] = 0.5,
        };
        var path = _folder.File("model");
        NewModel.Save(path, NewModel.Configure("squeezebert", size, tokenizer) with
        {
            Architectures = ["SqueezeBertForSequenceClassification"],
            Labels = ["LABEL_0"],
        }, tokenizer, seed: 3);
        if (field is null) return path;
        var file = Path.Combine(path, "config.json");
        var json = JsonNode.Parse(File.ReadAllText(file))!;
        if (field.Split('.') is [var outer, var inner]) json[outer] = new JsonObject { [inner] = activation };
        else json[field] = activation;
        File.WriteAllText(file, json.ToJsonString());
        return path;
    }

    private static float[] Logits(string path, string text)
    {
        using var model = new PlainModel(path);
        return model.Run(model.Tokenizer.Encode(Query, text));
    }
}
