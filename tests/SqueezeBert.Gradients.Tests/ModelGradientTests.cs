using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Batches;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;

namespace SqueezeBert.Gradients.Tests;

/// <summary>
/// The backward pass of whole models, and of graphs put together at random, against differences in float64: where values share memory and
/// gradients meet.
/// </summary>
public sealed class ModelGradientTests
{
    private const int Vocabulary = 30;

    private static readonly DropoutKey Key = new(3, 7, 1);

    private static readonly Dictionary<string, ModelConfiguration> Configurations = new()
    {
        ["squeezebert"] = new SqueezeBertConfiguration { PostAttentionGroups = 2, KeyGroups = 1 },
        ["bert"] = new BertConfiguration { HiddenActivation = Activation.GeluTanh },
        ["distilbert"] = new DistilBertConfiguration(),
        ["mobilebert"] = new MobileBertConfiguration { EmbeddingSize = 8, IntraBottleneckSize = 12, FeedForwardCount = 3 },
        ["mobilebert, LayerNorm, other bottlenecks"] = new MobileBertConfiguration
        {
            EmbeddingSize = 8,
            IntraBottleneckSize = 12,
            FeedForwardCount = 2,
            NormalizationType = "layer_norm",
            UseBottleneckAttention = true,
            ClassifierActivation = true,
        },
        ["electra"] = new ElectraConfiguration { EmbeddingSize = 8 },
        ["separable"] = new SeparableConfiguration { EmbeddingSize = 8, ConvolutionKernelSizes = [3, 5], ConvolutionGroups = 2 },
    };

    public static TheoryData<string> Names => [.. Configurations.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void SequenceClassification(string name) => Check(name, ModelHead.SequenceClassification);

    [Theory]
    [MemberData(nameof(Names))]
    public void MaskedLanguageModel(string name) => Check(name, ModelHead.MaskedLanguageModel);

    [Theory]
    [MemberData(nameof(Names))]
    public void HiddenStatesPoolerAndLogitsAtOnce(string name) => Check(name, ModelHead.SequenceClassification,
        graph => [.. graph.Outputs.Values.Where(output => output.Kind == OutputKind.Value).Select(output => output.Name)]);

    /// <summary>Every head that an architecture has. With the first seed a gradient of MobileBERT is a sum that cancels.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void EveryHead(string name)
    {
        var heads = SupportedArchitectures.Of(Configurations[name]).Heads;
        foreach (var head in heads.Where(head => head is not (ModelHead.None or ModelHead.Pretraining))) Check(name, head, seed: 3);
        if (heads.Contains(ModelHead.Pretraining))
            Check(name, ModelHead.Pretraining, _ => [OutputNames.PredictionLogits, OutputNames.SentenceOrderLogits], seed: 3);
    }

    /// <summary>Everything below the last layer is frozen, and some of that layer too.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void FrozenParameters(string name)
    {
        Check(name, ModelHead.SequenceClassification, isFrozen: parameter => !parameter.Name.Contains("s.1.", StringComparison.Ordinal)
            || parameter.Name.Contains("key", StringComparison.OrdinalIgnoreCase));
        Check(name, ModelHead.MaskedLanguageModel, isFrozen: parameter => parameter.Name.EndsWith(".weight", StringComparison.Ordinal));
        Check(name, ModelHead.MaskedLanguageModel, isFrozen: parameter => parameter.Name.EndsWith(".bias", StringComparison.Ordinal));
    }

    // Fixed seeds: a difference across a kink, or a sum that cancels, would be an accident.
    [Fact]
    public void RandomGraphs()
    {
        for (var seed = 0; seed < 50; seed++)
            GradientCheck.Run(RandomGraph.Create(new Random(seed), Vocabulary), Batch(), Key, seed, samples: 6, threads: 1 + (seed % 3));
    }

    [Fact]
    public void RandomGraphsWithSeveralOutputsAndFrozenParameters()
    {
        string[] outputs = ["y", .. Enumerable.Range(0, RandomGraph.ExtraOutputs).Select(i => $"extra{i}")];
        for (var seed = 100; seed < 150; seed++)
        {
            var frozen = new Random(seed);
            GradientCheck.Run(RandomGraph.Create(new Random(seed), Vocabulary), Batch(), Key, seed, samples: 6, threads: 1 + (seed % 3),
                outputs: outputs, isFrozen: seed % 2 == 0 ? null : _ => frozen.Next(2) == 0);
        }
    }

    private static void Check(
        string name, ModelHead head, Func<Graph, IReadOnlyList<string>>? outputs = null, Func<Parameter, bool>? isFrozen = null,
        int seed = 1)
    {
        var configuration = Configurations[name] with
        {
            VocabularySize = Vocabulary,
            HiddenSize = 16,
            LayerCount = 2,
            HeadCount = 2,
            IntermediateSize = 24,
            MaxPositionEmbeddings = 16,
            HiddenDropout = 0.2,
            AttentionDropout = 0.1,
            LayerNormEpsilon = 1e-5,
            Labels = ["a", "b", "c"],
        };
        var graph = ModelGraph.Create(configuration, head);
        GradientCheck.Run(graph, Batch(), Key, seed, samples: 5, threads: 2, outputs: outputs?.Invoke(graph) ?? [OutputNames.Logits],
            isFrozen: isFrozen);
    }

    private static PackedBatch Batch()
    {
        var batch = new PackedBatch();
        batch.Add([2, 5, 0, 5, 9, 3], [0, 0, 0, 1, 1, 1]);
        batch.Add([7]);
        batch.Add([2, 11, 12, 3], default, [0, 2, 3, 7]);
        foreach (var row in (int[])[1, 4, 7, 9]) batch.Select(row);
        return batch;
    }
}
