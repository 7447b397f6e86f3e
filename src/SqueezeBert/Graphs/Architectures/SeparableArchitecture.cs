using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Architectures;

/// <summary>
/// SqueezeBERT with a depthwise separable convolution of several kernel sizes before each attention, and with a factorized embedding. The
/// full size has about 10 M parameters. docs/models.md defines it.
/// </summary>
internal sealed class SeparableArchitecture() : Architecture<SeparableConfiguration>(SeparableConfiguration.Fields, "transformer.")
{
    public override int VocabularyMultiple => 8;

    /// <summary>Projects down to the width of the embeddings.</summary>
    public override Node DecoderInput(GraphBuilder g, ModelConfiguration c, Node hidden) => MaskedLanguageModelHead.Transform(
        g, hidden, "cls.predictions.transform.dense", c.HiddenActivation, "cls.predictions.transform.LayerNorm",
        (float)c.LayerNormEpsilon, c.EmbeddingSize);

    protected override Node Encoder(GraphBuilder g, SeparableConfiguration c)
    {
        var x = g.Embed(
            g.Table("embeddings.word_embeddings", EmbeddingIndex.TokenId, c.VocabularySize, c.EmbeddingSize, c.PadTokenId),
            g.Table("embeddings.position_embeddings", EmbeddingIndex.Position, c.MaxPositionEmbeddings, c.EmbeddingSize),
            g.Table("embeddings.token_type_embeddings", EmbeddingIndex.TokenTypeId, c.TypeVocabularySize, c.EmbeddingSize));
        x = g.LayerNorm(x, "embeddings.LayerNorm", (float)c.LayerNormEpsilon);
        x = g.Dropout(x, (float)c.HiddenDropout);
        x = g.Linear(x, "embeddings.projection", c.HiddenSize);
        g.Output(OutputNames.HiddenState(0), x);
        for (var layer = 0; layer < c.LayerCount; layer++)
        {
            var name = $"encoder.layers.{layer}";
            x = ConvolutionBlock(g, c, x, name + ".convolution");
            x = SqueezeBertArchitecture.AttentionBlock(
                g, x, name, layer, c.HeadCount, (c.QueryGroups, c.KeyGroups, c.ValueGroups, c.PostAttentionGroups), (float)c.HiddenDropout,
                (float)c.AttentionDropout);
            x = SqueezeBertArchitecture.FeedForwardBlock(
                g, x, name, c.IntermediateSize, c.HiddenActivation, c.IntermediateGroups, c.OutputGroups, (float)c.HiddenDropout);
            g.Output(OutputNames.HiddenState(layer + 1), x);
        }

        return x;
    }

    /// <summary>
    /// Builds the convolution block: the channels are divided equally among the kernel sizes, convolved along the text, activated and mixed
    /// by a pointwise layer, followed by the residual and a layer norm.
    /// </summary>
    private static Node ConvolutionBlock(GraphBuilder g, SeparableConfiguration c, Node x, string name)
    {
        var channels = c.HiddenSize / c.ConvolutionKernelSizes.Count;
        var branches = c.ConvolutionKernelSizes.Select((kernel, i) => new ConvolutionBranch(
            i * channels,
            g.Parameter($"{name}.depthwise.{i}.weight", ParameterKind.Weight, channels, 1, kernel),
            g.Parameter($"{name}.depthwise.{i}.bias", ParameterKind.Bias, channels)));
        var y = g.Activate(g.DepthwiseConvolution(x, [.. branches]), c.HiddenActivation);
        y = g.Dropout(g.Convolution(y, name + ".pointwise", c.HiddenSize, c.ConvolutionGroups), (float)c.HiddenDropout);
        return g.LayerNorm(g.Add(y, x), name + ".layernorm", (float)c.LayerNormEpsilon);
    }
}
