namespace SqueezeBert.Graphs.Heads;

/// <summary>Dropout and a linear layer on every token.</summary>
internal sealed class TokenClassificationHead()
    : HeadDescriptor(ModelHead.TokenClassification, "token classification", "ForTokenClassification", HeadInput.Tokens)
{
    public override void Build(HeadContext context)
    {
        var (g, c) = (context.Builder, context.Configuration);
        var x = g.Dropout(context.Hidden, (float)context.Architecture.TokenDropout(c));
        g.Output(OutputNames.Logits, g.Linear(x, "classifier", c.Labels.Count));
    }
}
