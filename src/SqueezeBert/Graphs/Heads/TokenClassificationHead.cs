using SqueezeBert.Configuration;

namespace SqueezeBert.Graphs.Heads;

/// <summary>
/// Dropout and a linear layer on every token. With hashed n-grams, the layer reads the vector of the token's word beside the hidden state;
/// its weight is in two parts, so that the part for hidden states has the name and the shape of transformers.
/// </summary>
internal sealed class TokenClassificationHead()
    : HeadDescriptor(ModelHead.TokenClassification, "token classification", "ForTokenClassification", HeadInput.Tokens)
{
    /// <summary>What the names of the parameters of hashed n-grams begin with, after the prefix of a named head.</summary>
    public const string NgramPrefix = HashedNgramFields.Field + ".";

    public override void Build(HeadContext context)
    {
        var (g, c) = (context.Builder, context.Configuration);
        var dropout = (float)context.Architecture.TokenDropout(c);
        var x = g.Dropout(context.Hidden, dropout);
        if (c.HashedNgrams is not { } ngrams)
        {
            g.Output(OutputNames.Logits, g.Linear(x, "classifier", c.Labels.Count));
            return;
        }

        var words = g.Dropout(g.Ngrams(NgramPrefix + "embeddings", ngrams, c.Pieces), dropout);
        var logits = g.Linear(x, "classifier", c.Labels.Count);
        g.Output(OutputNames.Logits, g.Add(g.LinearWithoutBias(words, NgramPrefix + "projection", c.Labels.Count), logits));
    }
}
