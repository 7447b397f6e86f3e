using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Graphs.Architectures;

/// <summary>BERT (arXiv 1810.04805) and its small sizes, TinyBERT among them.</summary>
internal sealed class BertArchitecture() : Architecture<BertConfiguration>(BertConfiguration.Fields, "bert.")
{
    public override IReadOnlyList<(string Name, Func<ModelConfiguration> Make)> Sizes =>
    [
        ("bert-tiny", () => Size(2, 128, 2)),
        ("bert-mini", () => Size(4, 256, 4)),
        ("bert-small", () => Size(4, 512, 8)),
        ("bert-medium", () => Size(8, 512, 8)),
        ("bert-base", () => Size(12, 768, 12)),
        ("bert-large", () => Size(24, 1024, 16)),
        ("minilm-6", () => Size(6, 384, 12)),
        ("minilm-12", () => Size(12, 384, 12)),
        ("tinybert-4", () => Size(4, 312, 12) with { IntermediateSize = 1200 }),
        ("tinybert-6", () => Size(6, 768, 12)),
    ];

    protected override Node Encoder(GraphBuilder g, BertConfiguration c) => Layers(g, c, Embeddings(g, c, c.HiddenSize));

    /// <summary>Builds the sum of word, type and position embeddings, followed by a layer norm.</summary>
    internal static Node Embeddings(GraphBuilder g, ModelConfiguration c, int width)
    {
        var x = g.Embed(
            g.Table("embeddings.word_embeddings", EmbeddingIndex.TokenId, c.VocabularySize, width, c.PadTokenId),
            g.Table("embeddings.token_type_embeddings", EmbeddingIndex.TokenTypeId, c.TypeVocabularySize, width),
            g.Table("embeddings.position_embeddings", EmbeddingIndex.Position, c.MaxPositionEmbeddings, width));
        return g.Dropout(g.LayerNorm(x, "embeddings.LayerNorm", (float)c.LayerNormEpsilon), (float)c.HiddenDropout);
    }

    /// <summary>Builds the layers from the embeddings to the last hidden state.</summary>
    internal static Node Layers(GraphBuilder g, ModelConfiguration c, Node x)
    {
        var epsilon = (float)c.LayerNormEpsilon;
        var dropout = (float)c.HiddenDropout;
        g.Output(OutputNames.HiddenState(0), x);
        for (var layer = 0; layer < c.LayerCount; layer++)
        {
            var name = $"encoder.layer.{layer}";
            var context = g.Attention(
                g.Linear(x, name + ".attention.self.query", c.AttentionSizeOf(layer)),
                g.Linear(x, name + ".attention.self.key", c.AttentionSizeOf(layer)),
                g.Linear(x, name + ".attention.self.value", c.AttentionSizeOf(layer)),
                c.HeadsOf(layer),
                (float)c.AttentionDropout);
            g.Output(OutputNames.Attention(layer), context, OutputKind.AttentionProbabilities);
            x = Residual(g, x, context, name + ".attention.output", dropout, epsilon);
            var middle = g.Activate(g.Linear(x, name + ".intermediate.dense", c.IntermediateSize), c.HiddenActivation);
            x = Residual(g, x, middle, name + ".output", dropout, epsilon);
            g.Output(OutputNames.HiddenState(layer + 1), x);
        }

        return x;
    }

    private static Node Residual(GraphBuilder g, Node x, Node inner, string name, float dropout, float epsilon)
    {
        var y = g.Dropout(g.Linear(inner, name + ".dense", x.Width), dropout);
        return g.LayerNorm(g.Add(y, x), name + ".LayerNorm", epsilon);
    }

    /// <summary>Creates the configuration of a size. BERT's feed-forward networks are four times as wide as its hidden states.</summary>
    private static BertConfiguration Size(int layers, int width, int heads) => new()
    {
        LayerCount = layers,
        HiddenSize = width,
        HeadCount = heads,
        IntermediateSize = 4 * width,
    };
}
