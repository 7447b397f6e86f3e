using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Graphs.Architectures;

/// <summary>DistilBERT (arXiv 1910.01108): BERT without token types and pooler.</summary>
internal static class DistilBertGraph
{
    /// <summary>The reference writes this constant at each norm.</summary>
    private const float Epsilon = 1e-12f;

    /// <summary>Builds the encoder; returns the last hidden state.</summary>
    public static Node Encoder(GraphBuilder g, DistilBertConfiguration c)
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
                g.Linear(x, name + ".attention.q_lin", c.HiddenSize),
                g.Linear(x, name + ".attention.k_lin", c.HiddenSize),
                g.Linear(x, name + ".attention.v_lin", c.HiddenSize),
                c.HeadCount,
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
