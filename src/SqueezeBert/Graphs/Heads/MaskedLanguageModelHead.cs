using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Heads;

/// <summary>
/// A linear layer, an activation, a layer norm and a decoder. The decoder shares the weights of the word embeddings unless the
/// configuration unties them.
/// </summary>
internal sealed class MaskedLanguageModelHead()
    : HeadDescriptor(ModelHead.MaskedLanguageModel, "masked language modelling", "ForMaskedLM", HeadInput.Tokens)
{
    public override void Build(HeadContext context) => Build(context, OutputNames.Logits);

    /// <summary>Builds the head with another name for its output.</summary>
    internal static void Build(HeadContext context, string output)
    {
        var (g, a, c, rows) = (context.Builder, context.Architecture, context.Configuration, context.LanguageModelRows);
        var x = a.DecoderInput(g, c, rows == RowSet.Tokens ? context.Hidden : g.SelectRows(context.Hidden, rows));
        var bias = g.Parameter(c.TieWordEmbeddings ? a.TiedDecoderBias : a.Decoder + ".bias", ParameterKind.Bias, c.VocabularySize);
        var words = c.TieWordEmbeddings
            ? g.Known(context.EncoderPrefix + Architecture.Words)
            : g.Parameter(a.Decoder + ".weight", ParameterKind.Weight, c.VocabularySize, c.EmbeddingSize);
        g.Output(output, g.Linear(x, a.DecoderWeight(g, c, words), context.UsedVocabulary < c.VocabularySize
            ? new FilledAfter(bias, context.UsedVocabulary.Value, float.NegativeInfinity) : bias, 1));
    }

    /// <summary>Builds a linear layer, an activation and a layer norm, which most architectures have before the decoder.</summary>
    internal static Node Transform(GraphBuilder g, Node x, string dense, Activation activation, string norm, float epsilon, int width) =>
        g.LayerNorm(g.Activate(g.Linear(x, dense, width), activation), norm, epsilon);
}
