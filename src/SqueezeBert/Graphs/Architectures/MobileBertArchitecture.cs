using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Architectures;

/// <summary>MobileBERT (arXiv 2004.02984): narrow blocks between bottlenecks, several stacked feed-forward networks.</summary>
internal sealed class MobileBertArchitecture() : Architecture<MobileBertConfiguration>(MobileBertConfiguration.Fields, "mobilebert.")
{
    /// <summary>The default of PyTorch, which the reference uses for norms without an explicit epsilon.</summary>
    private const float DefaultEpsilon = 1e-5f;

    /// <summary>The constant that the reference uses for the norm of the language model.</summary>
    private const float DecoderEpsilon = 1e-12f;

    public override float FormulaGain => 0.35f;

    public override Node DecoderInput(GraphBuilder g, ModelConfiguration c, Node hidden) => MaskedLanguageModelHead.Transform(
        g, hidden, "cls.predictions.transform.dense", c.HiddenActivation, "cls.predictions.transform.LayerNorm", DecoderEpsilon,
        hidden.Width);

    /// <summary>The columns beyond the width of the embeddings come from a separate matrix, which is stored transposed.</summary>
    public override ParameterExpression DecoderWeight(GraphBuilder g, ModelConfiguration c, Parameter words)
    {
        if (c.HiddenSize == c.EmbeddingSize) return words;
        var rest = g.Parameter("cls.predictions.dense.weight", ParameterKind.Weight, c.HiddenSize - c.EmbeddingSize, c.VocabularySize);
        return new ConcatenatedColumns((words, false), (rest, true));
    }

    /// <summary>Some checkpoints use the first token without a pooler layer.</summary>
    protected override Node Pooler(GraphBuilder g, ModelConfiguration c, Node first) =>
        ((MobileBertConfiguration)c).ClassifierActivation ? base.Pooler(g, c, first) : first;

    protected override Node Encoder(GraphBuilder g, MobileBertConfiguration c)
    {
        var x = Embeddings(g, c);
        g.Output(OutputNames.HiddenState(0), x);
        for (var layer = 0; layer < c.LayerCount; layer++)
        {
            x = Layer(g, c, x, $"encoder.layer.{layer}", layer);
            g.Output(OutputNames.HiddenState(layer + 1), x);
        }

        return x;
    }

    private static NormKind NormOf(MobileBertConfiguration c) => c.NormalizationType == "no_norm" ? NormKind.NoNorm : NormKind.LayerNorm;

    private static Node Embeddings(GraphBuilder g, MobileBertConfiguration c)
    {
        var words = g.Embed(g.Table("embeddings.word_embeddings", EmbeddingIndex.TokenId, c.VocabularySize, c.EmbeddingSize, c.PadTokenId));
        if (c.TrigramInput) words = g.Trigram(words);
        if (c.TrigramInput || c.EmbeddingSize != c.HiddenSize) words = g.Linear(words, "embeddings.embedding_transformation", c.HiddenSize);
        var places = g.Embed(
            g.Table("embeddings.position_embeddings", EmbeddingIndex.Position, c.MaxPositionEmbeddings, c.HiddenSize),
            g.Table("embeddings.token_type_embeddings", EmbeddingIndex.TokenTypeId, c.TypeVocabularySize, c.HiddenSize));
        return g.Dropout(g.Norm(g.Add(words, places), NormOf(c), "embeddings.LayerNorm", DefaultEpsilon), (float)c.HiddenDropout);
    }

    private static Node Layer(GraphBuilder g, MobileBertConfiguration c, Node x, string name, int layer)
    {
        var epsilon = (float)c.LayerNormEpsilon;
        var narrow = c.UseBottleneck ? Bottleneck(g, c, x, name + ".bottleneck.input") : x;
        var (queryAndKey, value) = !c.UseBottleneck ? (x, x)
            : c.UseBottleneckAttention ? (narrow, narrow)
            : c.KeyQuerySharedBottleneck ? (Bottleneck(g, c, x, name + ".bottleneck.attention"), x)
            : (x, x);
        var width = c.TrueHiddenSize;
        var context = g.Attention(
            g.Linear(queryAndKey, name + ".attention.self.query", width),
            g.Linear(queryAndKey, name + ".attention.self.key", width),
            g.Linear(value, name + ".attention.self.value", width),
            c.HeadCount,
            (float)c.AttentionDropout);
        g.Output(OutputNames.Attention(layer), context, OutputKind.AttentionProbabilities);

        // With a bottleneck the reference has a dropout only on the way out of the block.
        var innerDropout = c.UseBottleneck ? 0 : (float)c.HiddenDropout;
        var y = Residual(g, c, narrow, context, name + ".attention.output", innerDropout, epsilon);
        for (var i = 0; i < c.FeedForwardCount - 1; i++)
            y = Residual(g, c, y, Intermediate(g, c, y, $"{name}.ffn.{i}.intermediate"), $"{name}.ffn.{i}.output", 0, epsilon);
        y = Residual(g, c, y, Intermediate(g, c, y, name + ".intermediate"), name + ".output", innerDropout, DefaultEpsilon);
        return c.UseBottleneck ? Residual(g, c, x, y, name + ".output.bottleneck", (float)c.HiddenDropout, epsilon) : y;
    }

    private static Node Intermediate(GraphBuilder g, MobileBertConfiguration c, Node x, string name) =>
        g.Activate(g.Linear(x, name + ".dense", c.IntermediateSize), c.HiddenActivation);

    private static Node Bottleneck(GraphBuilder g, MobileBertConfiguration c, Node x, string name) =>
        g.Norm(g.Linear(x, name + ".dense", c.IntraBottleneckSize), NormOf(c), name + ".LayerNorm", (float)c.LayerNormEpsilon);

    private static Node Residual(GraphBuilder g, MobileBertConfiguration c, Node x, Node inner, string name, float dropout, float epsilon)
    {
        var y = g.Dropout(g.Linear(inner, name + ".dense", x.Width), dropout);
        return g.Norm(g.Add(y, x), NormOf(c), name + ".LayerNorm", epsilon);
    }
}
