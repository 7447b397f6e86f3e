using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Graphs.Architectures;

/// <summary>BERT (arXiv 1810.04805) and its small sizes, TinyBERT among them.</summary>
internal static class BertGraph
{
    /// <summary>Builds the encoder; returns the last hidden state.</summary>
    public static Node Encoder(GraphBuilder g, BertConfiguration c)
    {
        var epsilon = (float)c.LayerNormEpsilon;
        var dropout = (float)c.HiddenDropout;
        var x = g.Embed(
            g.Table("embeddings.word_embeddings", EmbeddingIndex.TokenId, c.VocabularySize, c.HiddenSize, c.PadTokenId),
            g.Table("embeddings.token_type_embeddings", EmbeddingIndex.TokenTypeId, c.TypeVocabularySize, c.HiddenSize),
            g.Table("embeddings.position_embeddings", EmbeddingIndex.Position, c.MaxPositionEmbeddings, c.HiddenSize));
        x = g.Dropout(g.LayerNorm(x, "embeddings.LayerNorm", epsilon), dropout);
        g.Output(OutputNames.HiddenState(0), x);
        for (var layer = 0; layer < c.LayerCount; layer++)
        {
            var name = $"encoder.layer.{layer}";
            var context = g.Attention(
                g.Linear(x, name + ".attention.self.query", c.HiddenSize),
                g.Linear(x, name + ".attention.self.key", c.HiddenSize),
                g.Linear(x, name + ".attention.self.value", c.HiddenSize),
                c.HeadCount,
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
}
