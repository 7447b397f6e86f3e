using SqueezeBert.Checkpoints;

namespace SqueezeBert.Models;

/// <summary>Dense, activation, norm and a decoder that is tied to the word embeddings.</summary>
internal static class MaskedLanguageModelHead
{
    /// <summary>The reference's constant at DistilBERT's and MobileBERT's transform.</summary>
    private const float FixedEpsilon = 1e-12f;

    public static void Build(GraphBuilder g, ModelConfiguration configuration, Node hidden, RowSet rows, string output)
    {
        var prefix = ModelGraph.BasePrefix(configuration);
        var width = configuration is SeparableConfiguration or MobileBertConfiguration ? configuration.EmbeddingSize : configuration.HiddenSize;
        var words = g.TableParameter(prefix + "embeddings.word_embeddings.weight", configuration.VocabularySize, width, configuration.PadTokenId);
        var x = rows == RowSet.Tokens ? hidden : g.SelectRows(hidden, rows);
        g.Output(output, configuration switch
        {
            DistilBertConfiguration c => DistilBert(g, c, x, words),
            MobileBertConfiguration c => MobileBert(g, c, x, words),
            _ => Bert(g, configuration, x, words),
        });
    }

    /// <summary>Also SqueezeBERT's; the separable variant's transform goes down to the embedding's width.</summary>
    private static Node Bert(GraphBuilder g, ModelConfiguration c, Node x, Parameter words)
    {
        x = g.Activate(g.Linear(x, "cls.predictions.transform.dense", words.Columns), c.HiddenActivation);
        x = g.LayerNorm(x, "cls.predictions.transform.LayerNorm", (float)c.LayerNormEpsilon);
        return g.Linear(x, words, g.Parameter("cls.predictions.bias", ParameterKind.Bias, c.VocabularySize), 1);
    }

    private static Node DistilBert(GraphBuilder g, DistilBertConfiguration c, Node x, Parameter words)
    {
        x = g.Activate(g.Linear(x, "vocab_transform", x.Width), c.HiddenActivation);
        x = g.LayerNorm(x, "vocab_layer_norm", FixedEpsilon);
        return g.Linear(x, words, g.Parameter("vocab_projector.bias", ParameterKind.Bias, c.VocabularySize), 1);
    }

    /// <summary>The decoder's columns beyond the embedding's width are a matrix of their own.</summary>
    private static Node MobileBert(GraphBuilder g, MobileBertConfiguration c, Node x, Parameter words)
    {
        x = g.Activate(g.Linear(x, "cls.predictions.transform.dense", x.Width), c.HiddenActivation);
        x = g.LayerNorm(x, "cls.predictions.transform.LayerNorm", FixedEpsilon);
        ParameterExpression decoder = words;
        if (c.HiddenSize > c.EmbeddingSize)
        {
            var rest = g.Parameter("cls.predictions.dense.weight", ParameterKind.Weight, c.HiddenSize - c.EmbeddingSize, c.VocabularySize);
            decoder = new ConcatenatedColumns((words, false), (rest, true));
        }

        return g.Linear(x, decoder, g.Parameter("cls.predictions.bias", ParameterKind.Bias, c.VocabularySize), 1);
    }
}
