using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Graphs.Architectures;

/// <summary>
/// ELECTRA (arXiv 2003.10555): BERT's layers behind embeddings of a width of their own, no pooler. Discriminator and generator are the same
/// graph in different sizes.
/// </summary>
internal sealed class ElectraArchitecture() : Architecture<ElectraConfiguration>(ElectraConfiguration.Fields, "electra.")
{
    /// <summary>Its class for multiple choice summarises a text in a way of its own and is not here.</summary>
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

    /// <summary>In place of a pooler, the head has a layer of its own, with a dropout before it and one behind.</summary>
    public override Node TextClassifier(GraphBuilder g, ModelConfiguration c, Node first, int outputs)
    {
        var dropout = (float)(c.ClassifierDropout ?? c.HiddenDropout);
        var x = g.Activate(g.Linear(g.Dropout(first, dropout), "classifier.dense", first.Width), Activation.Gelu);
        return g.Linear(g.Dropout(x, dropout), "classifier.out_proj", outputs);
    }

    /// <summary>Goes to the embedding's width; the reference's activation is this whatever the configuration says.</summary>
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
