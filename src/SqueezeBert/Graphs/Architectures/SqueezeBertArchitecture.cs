using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Graphs.Architectures;

/// <summary>
/// SqueezeBERT (arXiv 2006.11316): BERT whose position-wise layers are convolutions with kernel size 1, most of them grouped.
/// </summary>
internal sealed class SqueezeBertArchitecture() : Architecture<SqueezeBertConfiguration>(SqueezeBertConfiguration.Fields, "transformer.")
{
    /// <summary>The constant that the reference uses for the layer norms inside a block, whatever the configuration says.</summary>
    private const float BlockEpsilon = 1e-12f;

    public override IReadOnlyList<(string Name, Func<ModelConfiguration> Make)> Sizes =>
        [("squeezebert-base", () => new SqueezeBertConfiguration { VocabularySize = 30528 })];

    /// <summary>The multiple that the published files use.</summary>
    public override int VocabularyMultiple => 8;

    protected override Node Encoder(GraphBuilder g, SqueezeBertConfiguration c)
    {
        var x = g.Embed(
            g.Table("embeddings.word_embeddings", EmbeddingIndex.TokenId, c.VocabularySize, c.HiddenSize, c.PadTokenId),
            g.Table("embeddings.position_embeddings", EmbeddingIndex.Position, c.MaxPositionEmbeddings, c.HiddenSize),
            g.Table("embeddings.token_type_embeddings", EmbeddingIndex.TokenTypeId, c.TypeVocabularySize, c.HiddenSize));
        x = g.LayerNorm(x, "embeddings.LayerNorm", (float)c.LayerNormEpsilon);
        x = g.Dropout(x, (float)c.HiddenDropout);
        g.Output(OutputNames.HiddenState(0), x);
        for (var layer = 0; layer < c.LayerCount; layer++)
        {
            var name = $"encoder.layers.{layer}";
            x = AttentionBlock(g, c, x, name, layer);
            x = FeedForwardBlock(g, c, x, name);
            g.Output(OutputNames.HiddenState(layer + 1), x);
        }

        return x;
    }

    private static Node AttentionBlock(GraphBuilder g, SqueezeBertConfiguration c, Node x, string name, int layer) => AttentionBlock(
        g, x, name, layer, c.HeadCount, (c.QueryGroups, c.KeyGroups, c.ValueGroups, c.PostAttentionGroups), (float)c.HiddenDropout,
        (float)c.AttentionDropout);

    private static Node FeedForwardBlock(GraphBuilder g, SqueezeBertConfiguration c, Node x, string name) => FeedForwardBlock(
        g, x, name, c.IntermediateSize, c.HiddenActivation, c.IntermediateGroups, c.OutputGroups, (float)c.HiddenDropout);

    /// <summary>
    /// Builds the attention block: grouped query, key and value projections, attention, output convolution, residual and layer norm. Its
    /// attention outputs are scores before the softmax, as in the reference.
    /// </summary>
    internal static Node AttentionBlock(
        GraphBuilder g, Node x, string name, int layer, int heads, (int Query, int Key, int Value, int Output) groups, float hiddenDropout,
        float attentionDropout)
    {
        var query = g.Convolution(x, name + ".attention.query", x.Width, groups.Query);
        var key = g.Convolution(x, name + ".attention.key", x.Width, groups.Key);
        var value = g.Convolution(x, name + ".attention.value", x.Width, groups.Value);
        var context = g.Attention(query, key, value, heads, attentionDropout);
        g.Output(OutputNames.Attention(layer), context, OutputKind.AttentionScores);
        return Residual(g, x, context, name + ".post_attention", groups.Output, hiddenDropout);
    }

    internal static Node FeedForwardBlock(
        GraphBuilder g, Node x, string name, int intermediateSize, Activation activation, int intermediateGroups, int outputGroups,
        float dropout)
    {
        var middle = g.Activate(g.Convolution(x, name + ".intermediate.conv1d", intermediateSize, intermediateGroups), activation);
        return Residual(g, x, middle, name + ".output", outputGroups, dropout);
    }

    private static Node Residual(GraphBuilder g, Node x, Node inner, string name, int groups, float dropout)
    {
        var y = g.Dropout(g.Convolution(inner, name + ".conv1d", x.Width, groups), dropout);
        return g.LayerNorm(g.Add(y, x), name + ".layernorm", BlockEpsilon);
    }
}
