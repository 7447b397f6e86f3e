using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Graphs.Architectures;

/// <summary>DistilBERT (arXiv 1910.01108): BERT without token types and without a pooler.</summary>
internal sealed class DistilBertArchitecture() : Architecture<DistilBertConfiguration>(DistilBertConfiguration.Fields, "distilbert.")
{
    /// <summary>The constant that the reference uses for every layer norm.</summary>
    private const float Epsilon = 1e-12f;

    /// <summary>It is pretrained as a masked language model only, so it has no head for pairs of sentences.</summary>
    public override IReadOnlyList<ModelHead> Heads =>
        [.. base.Heads.Except([ModelHead.NextSentencePrediction, ModelHead.Pretraining])];

    public override bool HasPooler => false;

    public override string Decoder => "vocab_projector";

    public override string TiedDecoderBias => "vocab_projector.bias";

    /// <summary>Instead of a pooler, the head has an additional layer at its beginning.</summary>
    public override Node TextClassifier(GraphBuilder g, ModelConfiguration c, Node first, int outputs) =>
        base.TextClassifier(g, c, g.Activate(g.Linear(first, "pre_classifier", first.Width), Activation.Relu), outputs);

    /// <summary>The configured dropout of the classifier applies only to texts.</summary>
    public override double TokenDropout(ModelConfiguration c) => c.HiddenDropout;

    public override double SpanDropout(ModelConfiguration c) => ((DistilBertConfiguration)c).QuestionAnsweringDropout;

    public override Node DecoderInput(GraphBuilder g, ModelConfiguration c, Node hidden) => MaskedLanguageModelHead.Transform(
        g, hidden, "vocab_transform", c.HiddenActivation, "vocab_layer_norm", Epsilon, hidden.Width);

    protected override Node Encoder(GraphBuilder g, DistilBertConfiguration c)
    {
        var x = g.Embed(
            g.Table("embeddings.word_embeddings", EmbeddingIndex.TokenId, c.VocabularySize, c.HiddenSize, c.PadTokenId),
            g.Table("embeddings.position_embeddings", EmbeddingIndex.Position, c.MaxPositionEmbeddings, c.HiddenSize));
        x = g.Dropout(g.LayerNorm(x, "embeddings.LayerNorm", Epsilon), (float)c.HiddenDropout);
        g.Output(OutputNames.HiddenState(0), x);
        for (var layer = 0; layer < c.LayerCount; layer++)
        {
            var name = $"transformer.layer.{layer}";
            var context = g.Attention(
                g.Linear(x, name + ".attention.q_lin", c.AttentionSizeOf(layer)),
                g.Linear(x, name + ".attention.k_lin", c.AttentionSizeOf(layer)),
                g.Linear(x, name + ".attention.v_lin", c.AttentionSizeOf(layer)),
                c.HeadsOf(layer),
                (float)c.AttentionDropout);
            g.Output(OutputNames.Attention(layer), context, OutputKind.AttentionProbabilities);
            x = g.LayerNorm(g.Add(g.Linear(context, name + ".attention.out_lin", c.HiddenSize), x), name + ".sa_layer_norm", Epsilon);
            var middle = g.Activate(g.Linear(x, name + ".ffn.lin1", c.IntermediateSize), c.HiddenActivation);
            var output = g.Dropout(g.Linear(middle, name + ".ffn.lin2", c.HiddenSize), (float)c.HiddenDropout);
            x = g.LayerNorm(g.Add(output, x), name + ".output_layer_norm", Epsilon);
            g.Output(OutputNames.HiddenState(layer + 1), x);
        }

        return x;
    }
}
