namespace SqueezeBert.Graphs.Heads;

/// <summary>
/// Predicts for each token whether it was replaced (above zero) or is original. The discriminator of ELECTRA is pretrained with it.
/// </summary>
internal sealed class ReplacedTokenHead()
    : HeadDescriptor(ModelHead.ReplacedTokenDetection, "replaced token detection", "ForPreTraining", HeadInput.Tokens)
{
    public override IReadOnlyList<string> ScalarOutputs => [OutputNames.Logits];

    public override void Build(HeadContext context)
    {
        var (g, hidden) = (context.Builder, context.Hidden);
        var x = g.Activate(
            g.Linear(hidden, "discriminator_predictions.dense", hidden.Width), context.Configuration.HiddenActivation);
        g.Output(OutputNames.Logits, g.Linear(x, "discriminator_predictions.dense_prediction", 1));
    }
}
