using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Heads;

/// <summary>Dense, activation, norm and a decoder, which is the word embeddings unless the configuration unties the two.</summary>
internal static class MaskedLanguageModelHead
{
    /// <summary>The reference's constant at DistilBERT's and MobileBERT's transform.</summary>
    private const float FixedEpsilon = 1e-12f;

    public static void Build(GraphBuilder g, ModelConfiguration c, Node hidden, RowSet rows, string output, int? usedVocabulary)
    {
        var x = rows == RowSet.Tokens ? hidden : g.SelectRows(hidden, rows);
        x = Transform(g, c, x);
        var bias = g.Parameter(BiasName(c), ParameterKind.Bias, c.VocabularySize);
        g.Output(output, g.Linear(x, Decoder(g, c),
            usedVocabulary < c.VocabularySize ? new FilledAfter(bias, usedVocabulary.Value, float.NegativeInfinity) : bias, 1));
    }

    /// <summary>Keeps the width, but for the separable variant, where it goes down to the embedding's.</summary>
    private static Node Transform(GraphBuilder g, ModelConfiguration c, Node x)
    {
        var width = c is SeparableConfiguration ? c.EmbeddingSize : x.Width;
        var (dense, norm) = c is DistilBertConfiguration
            ? ("vocab_transform", "vocab_layer_norm")
            : ("cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm");
        var epsilon = c is DistilBertConfiguration or MobileBertConfiguration ? FixedEpsilon : (float)c.LayerNormEpsilon;
        return g.LayerNorm(g.Activate(g.Linear(x, dense, width), c.HiddenActivation), norm, epsilon);
    }

    private static ParameterExpression Decoder(GraphBuilder g, ModelConfiguration c)
    {
        var words = c.TieWordEmbeddings
            ? g.TableParameter(ModelGraph.BasePrefix(c) + "embeddings.word_embeddings.weight", c.VocabularySize, c.EmbeddingSize,
                c.PadTokenId)
            : g.Parameter((c is DistilBertConfiguration ? "vocab_projector" : "cls.predictions.decoder") + ".weight", ParameterKind.Weight,
                c.VocabularySize, c.EmbeddingSize);
        if (c is not MobileBertConfiguration || c.HiddenSize == c.EmbeddingSize) return words;

        // MobileBERT's columns beyond the embedding's width are a matrix of their own, stored the other way round.
        var rest = g.Parameter("cls.predictions.dense.weight", ParameterKind.Weight, c.HiddenSize - c.EmbeddingSize, c.VocabularySize);
        return new ConcatenatedColumns((words, false), (rest, true));
    }

    private static string BiasName(ModelConfiguration c) => c switch
    {
        DistilBertConfiguration => "vocab_projector.bias",
        { TieWordEmbeddings: false } => "cls.predictions.decoder.bias",
        _ => "cls.predictions.bias",
    };
}
