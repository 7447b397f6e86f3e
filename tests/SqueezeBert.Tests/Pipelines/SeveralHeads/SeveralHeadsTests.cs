using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Inference;
using SqueezeBert.Tokenization;
using static SqueezeBert.Tests.Pipelines.SeveralHeads.SeveralHeadsFolder;

namespace SqueezeBert.Tests.Pipelines.SeveralHeads;

/// <summary>A checkpoint with several heads is those with one head each, with one encoder.</summary>
public sealed class SeveralHeadsTests
{
    public static TheoryData<ModelConfiguration> Architectures =>
    [
        new SqueezeBertConfiguration { QueryGroups = 2, KeyGroups = 2, ValueGroups = 2, IntermediateGroups = 2, OutputGroups = 2 },
        new SeparableConfiguration
        {
            ConvolutionKernelSizes = [3, 5], QueryGroups = 2, KeyGroups = 2, ValueGroups = 2, IntermediateGroups = 2, OutputGroups = 2,
        },
        new BertConfiguration(),
        new BertConfiguration { TieWordEmbeddings = false },
        new DistilBertConfiguration(),
        new ElectraConfiguration(),
    ];

    [Theory]
    [MemberData(nameof(Architectures), DisableDiscoveryEnumeration = true)]
    public void EveryHeadHasTheBitsOfItsOwnCheckpoint(ModelConfiguration configuration)
    {
        HeadConfiguration[] heads = [Intent, Slots, Spans, Words, Intent with { Name = "mood", Labels = ["good", "bad"] }];
        using var folder = new SeveralHeadsFolder(Tiny(configuration), heads);
        using var together = InferenceModel.Load(folder.Path);
        Assert.Equal(["intent", "slots", "spans", "words", "mood"], together.Heads);
        foreach (var head in heads)
        {
            using var alone = InferenceModel.Load(folder.Alone(head));
            string[] outputs = head == Spans ? [OutputNames.Logits, OutputNames.StartLogits, OutputNames.EndLogits] : [OutputNames.Logits];
            foreach (var output in outputs)
            {
                var expected = Run(alone, output);
                Assert.Contains(expected, value => value != 0);
                Assert.Equal(expected, Run(together, $"{head.Name}.{output}"));
            }
        }
    }

    [Fact]
    public void SessionsComputeOnlyTheHeadThatIsAsked()
    {
        using var folder = new SeveralHeadsFolder(Intent, Slots, Words);
        using var together = InferenceModel.Load(folder.Path);
        using var alone = InferenceModel.Load(folder.Alone(Intent));
        using var one = together.CreateSession("intent.logits");
        using var own = alone.CreateSession(OutputNames.Logits);
        var batch = Batch();
        one.Run(batch);
        own.Run(batch);
        Assert.Equal(own.ActivationBytes, one.ActivationBytes);
        Assert.Contains("slots.logits",
            Assert.Throws<ArgumentException>(() => together.CreateSession("logits")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PipelinesAskTheHeadThatTheyAreTold()
    {
        var mood = Intent with { Name = "mood", Labels = ["good", "bad"] };
        using var folder = new SeveralHeadsFolder(Intent, Slots, Spans, Words, mood);
        using var model = InferenceModel.Load(folder.Path);
        foreach (var head in new[] { Intent, mood })
        {
            using var classifier = new TextClassifier(model, new TextClassifierOptions { Head = head.Name });
            using var alone = TextClassifier.Load(folder.Alone(head));
            Assert.Equal(head.Labels, classifier.Labels);
            Assert.Equal(ProblemType.SingleLabelClassification, classifier.ProblemType);
            Assert.Equal(alone.Classify("play it").Labels, classifier.Classify("play it").Labels);
        }

        using var tagger = new TokenClassifier(model, new TokenClassifierOptions { IgnoredLabels = [] });
        using var ownTagger = TokenClassifier.Load(folder.Alone(Slots), new TokenClassifierOptions { IgnoredLabels = [] });
        Assert.Equal(Slots.Labels, tagger.Labels);
        Assert.NotEmpty(tagger.Classify("play it again").Entities);
        Assert.Equal(ownTagger.Classify("play it again").Entities, tagger.Classify("play it again").Entities);

        using var answerer = new QuestionAnswerer(model);
        using var ownAnswerer = QuestionAnswerer.Load(folder.Alone(Spans));
        Assert.Equal(
            ownAnswerer.Answer("who?", "it was i who did it").Answers, answerer.Answer("who?", "it was i who did it").Answers);

        using var filler = new MaskFiller(model, new MaskFillerOptions { Head = "words" });
        using var ownFiller = MaskFiller.Load(folder.Alone(Words));
        Assert.Equal(ownFiller.Fill("a [MASK] b").Masks[0].Tokens, filler.Fill("a [MASK] b").Masks[0].Tokens);

        using var reranker = new TextReranker(model, new TextRerankerOptions { Head = "mood", RelevantLabel = "good" });
        using var ownReranker = TextReranker.Load(folder.Alone(mood), new TextRerankerOptions { RelevantLabel = "good" });
        Assert.Equal(ownReranker.Rank("a", ["b", "c"])[0].Score, reranker.Rank("a", ["b", "c"])[0].Score);
    }

    [Fact]
    public void ZeroShotReadsTheLabelsOfItsHead()
    {
        var entailment = Intent with { Name = "nli", Labels = ["contradiction", "neutral", "entailment"] };
        using var folder = new SeveralHeadsFolder(Intent, entailment);
        using var classifier = ZeroShotClassifier.Load(folder.Path, new ZeroShotClassifierOptions { Head = "nli" });
        using var alone = ZeroShotClassifier.Load(folder.Alone(entailment));
        Assert.Equal("entailment", classifier.EntailmentLabel);
        Assert.Equal(alone.Classify("a b", ["c", "d"]).Labels, classifier.Classify("a b", ["c", "d"]).Labels);
    }

    [Fact]
    public void APipelineLoadsItsOwnHeadOnly()
    {
        using var folder = new SeveralHeadsFolder(Intent, Slots, Words);
        using var classifier = TextClassifier.Load(folder.Path);
        using var embedder = TextEmbedder.Load(folder.Path);
        Assert.Equal(["intent"], classifier.Model.Heads);
        Assert.Empty(embedder.Model.Heads);
        Assert.Equal("intent.logits", classifier.Model.OutputNames[^1]);
        Assert.Contains("'slots'", Assert.Throws<UnsupportedModelException>(() => new TokenClassifier(classifier.Model)).Message,
            StringComparison.Ordinal);
        using var model = InferenceModel.Load(folder.Path);
        using var borrowed = new TextEmbedder(model);
        Assert.Equal(embedder.Embed("a b").Vector.ToArray(), borrowed.Embed("a b").Vector.ToArray());
    }

    [Fact]
    public void SeveralHeadsForATaskMustBeNamed()
    {
        using var folder = new SeveralHeadsFolder(Intent, Intent with { Name = "mood" }, Slots);
        var e = Assert.Throws<UnsupportedModelException>(() => TextClassifier.Load(folder.Path));
        Assert.Contains("intent, mood", e.Message, StringComparison.Ordinal);
        Assert.Contains("--head", e.Message, StringComparison.Ordinal);
        using var model = InferenceModel.Load(folder.Path);
        Assert.Equal(e.Message, Assert.Throws<UnsupportedModelException>(() => new TextClassifier(model)).Message);
    }

    [Fact]
    public void AHeadThatDoesNotServeIsRefused()
    {
        using var folder = new SeveralHeadsFolder(Intent, Slots);
        using var model = InferenceModel.Load(folder.Path);
        Refused<ArgumentException>("it has intent (text-classification), slots",
            () => new TextClassifier(model, new TextClassifierOptions { Head = "mood" }));
        Refused<UnsupportedModelException>("for token-classification, not for sequence classification",
            () => new TextClassifier(model, new TextClassifierOptions { Head = "slots" }));
        Refused<UnsupportedModelException>("no head for question answering; it has intent", () => new QuestionAnswerer(model));
        Refused<UnsupportedModelException>("no head for multiple choice", () => ChoiceSelector.Load(folder.Path));
        Refused<ArgumentException>("leave the head out", () => TextEmbedder.Load(folder.Path, new TextEmbedderOptions { Head = "intent" }));
        using var plain = InferenceModel.Load(folder.Alone(Intent));
        Refused<ArgumentException>("no heads with names", () => new TextClassifier(plain, new TextClassifierOptions { Head = "intent" }));
        Refused<ArgumentException>("no heads with names",
            () => TextClassifier.Load(folder.Alone(Slots), new TextClassifierOptions { Head = "intent" }));
    }

    [Fact]
    public void TheHeadOfTheClassStandsBesideThoseWithNames()
    {
        var configuration = Tiny(new BertConfiguration()) with
        {
            Architectures = ["BertForSequenceClassification"],
            Labels = ["no", "yes"],
        };
        using var folder = new SeveralHeadsFolder(configuration, Intent, Words);
        using var model = InferenceModel.Load(folder.Path);
        Assert.Equal(["sequence classification", "intent", "words"], model.Heads);
        using var own = new TextClassifier(model);
        using var named = new TextClassifier(model, new TextClassifierOptions { Head = "intent" });
        using var filler = new MaskFiller(model);
        Assert.Equal(["no", "yes"], own.Labels);
        Assert.Equal(Intent.Labels, named.Labels);
        Assert.Equal(3, named.Classify("a b").Labels.Count);
        using var loaded = TextClassifier.Load(folder.Path, new TextClassifierOptions { Head = "intent" });
        Assert.Equal(named.Classify("a b").Labels, loaded.Classify("a b").Labels);
        Assert.NotEmpty(filler.Fill("a [MASK]").Masks);
        Assert.Contains("yes", own.Classify("a b").Labels.Select(label => label.Label));
    }

    [Theory]
    [InlineData("heads.slots.classifier.weight", "'slots'")]
    [InlineData("heads.intent.classifier.bias", "'intent'")]
    [InlineData("pooler.dense.weight", "pooler.dense.weight")]
    [InlineData("embeddings.LayerNorm.weight", "embeddings.LayerNorm.weight")]
    public void AMissingTensorIsRefusedByName(string tensor, string named)
    {
        using var folder = new SeveralHeadsFolder(Tiny(new BertConfiguration()), Intent, Slots);
        var e = Assert.Throws<InvalidModelFileException>(() => InferenceModel.Load(folder.Without(tensor)));
        Assert.Contains(tensor, e.Message, StringComparison.Ordinal);
        Assert.Contains(named, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HeadsOfTokensNeedNoPooler()
    {
        using var folder = new SeveralHeadsFolder(Tiny(new BertConfiguration()), Slots, Words);
        using var whole = ModelFolder.Open(folder.Path);
        var path = folder.File("no-pooler");
        var tensors = whole.Tensors.Names.Where(name => !name.StartsWith("pooler.", StringComparison.Ordinal)).Select(name =>
        {
            Assert.True(whole.Tensors.TryGetTensor(name, out var info));
            var values = new float[info.ElementCount];
            whole.Tensors.ReadFloats(name, values);
            return new NamedTensor(name, info.Shape, values);
        }).ToList();
        ModelFolder.Save(path, whole.Configuration, tensors, TensorType.Float32, BertTokenizer.Load(folder.Path));
        using var model = InferenceModel.Load(path);
        using var complete = InferenceModel.Load(folder.Path);
        Assert.DoesNotContain(OutputNames.PoolerOutput, model.OutputNames);
        Assert.Equal(Run(complete, "slots.logits"), Run(model, "slots.logits"));
    }

    [Fact]
    public void TheFingerprintTellsHeadsApart()
    {
        using var folder = new SeveralHeadsFolder(Intent, Slots);
        using var same = new SeveralHeadsFolder(Intent, Slots);
        using var other = new SeveralHeadsFolder(Intent with { Labels = ["a", "b", "c"] }, Slots);
        using var a = InferenceModel.Load(folder.Path);
        using var b = InferenceModel.Load(same.Path);
        using var c = InferenceModel.Load(other.Path);
        a.WarmUp(TestContext.Current.CancellationToken);
        Assert.Equal(a.Fingerprint, b.Fingerprint);
        Assert.NotEqual(a.Fingerprint, c.Fingerprint);
    }

    [Fact]
    public void APaddedForwardHasEveryHeadInTheReferencesShape()
    {
        using var folder = new SeveralHeadsFolder(Intent, Slots, Spans);
        using var files = ModelFolder.Open(folder.Path);
        using var engine = ModelLoader.Load(files);
        var outputs = PaddedForward.Run(engine, [1, 4], [2, 9, 8, 3], [], []).ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);
        Assert.Equal([1, 3], outputs["intent.logits"]);
        Assert.Equal([1, 4, 4], outputs["slots.logits"]);
        Assert.Equal([1, 4], outputs["spans.start_logits"]);
        Assert.DoesNotContain("spans.logits", outputs.Keys);
    }

    private static PackedBatch Batch()
    {
        var batch = new PackedBatch();
        batch.Add([2, 40, 41, 42, 3]);
        batch.Add([2, 50, 60, 3]);
        batch.Select(1);
        batch.Select(7);
        return batch;
    }

    private static float[] Run(InferenceModel model, string output)
    {
        using var session = model.CreateSession(output);
        session.Run(Batch());
        return session.GetOutput(output).ToArray();
    }

    private static void Refused<T>(string reason, Func<object> make)
        where T : Exception =>
        Assert.Contains(reason, Assert.Throws<T>(make).Message, StringComparison.Ordinal);
}
