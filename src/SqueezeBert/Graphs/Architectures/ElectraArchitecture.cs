using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Graphs.Architectures;

/// <summary>
/// ELECTRA (arXiv 2003.10555): the layers of BERT after embeddings with a width of their own, without a pooler. Discriminator and generator
/// have the same graph in different sizes.
/// </summary>
internal sealed class ElectraArchitecture() : Architecture<ElectraConfiguration>(ElectraConfiguration.Fields, "electra.")
{
    /// <summary>The class for multiple choice is not supported, because it summarizes a text in a different way.</summary>
    public override IReadOnlyList<ModelHead> Heads =>
    [
        ModelHead.None, ModelHead.SequenceClassification, ModelHead.TokenClassification, ModelHead.QuestionAnswering,
        ModelHead.MaskedLanguageModel, ModelHead.ReplacedTokenDetection,
    ];

    public override bool HasPooler => false;

    public override IReadOnlyList<(string Name, Func<ModelConfiguration> Make)> Sizes =>
    [
        ("electra-small", () => new ElectraConfiguration()),
        ("electra-base", () => Size(12, 768, 12)),
        ("electra-large", () => Size(24, 1024, 16)),
    ];

    public override string Decoder => "generator_lm_head";

    public override string TiedDecoderBias => "generator_lm_head.bias";

    /// <summary>Instead of a pooler, the head has an additional layer, with a dropout before and after it.</summary>
    public override Node TextClassifier(GraphBuilder g, ModelConfiguration c, Node first, int outputs)
    {
        var dropout = (float)(c.ClassifierDropout ?? c.HiddenDropout);
        var x = g.Activate(g.Linear(g.Dropout(first, dropout), "classifier.dense", first.Width), Activation.Gelu);
        return g.Linear(g.Dropout(x, dropout), "classifier.out_proj", outputs);
    }

    /// <summary>Projects to the width of the embeddings. The reference uses this activation whatever the configuration says.</summary>
    public override Node DecoderInput(GraphBuilder g, ModelConfiguration c, Node hidden) => MaskedLanguageModelHead.Transform(
        g, hidden, "generator_predictions.dense", Activation.Gelu, "generator_predictions.LayerNorm", (float)c.LayerNormEpsilon,
        c.EmbeddingSize);

    protected override Node Encoder(GraphBuilder g, ElectraConfiguration c)
    {
        var x = BertArchitecture.Embeddings(g, c, c.EmbeddingSize);
        return BertArchitecture.Layers(g, c, c.EmbeddingSize == c.HiddenSize ? x : g.Linear(x, "embeddings_project", c.HiddenSize));
    }

    private static ElectraConfiguration Size(int layers, int width, int heads) => new()
    {
        LayerCount = layers,
        HiddenSize = width,
        EmbeddingSize = width,
        HeadCount = heads,
        IntermediateSize = 4 * width,
    };
}
