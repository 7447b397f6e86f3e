namespace SqueezeBert.Graphs.Heads;

/// <summary>Computes the logits of a text from its first token.</summary>
internal sealed class SequenceClassificationHead()
    : HeadDescriptor(ModelHead.SequenceClassification, "sequence classification", "ForSequenceClassification", HeadInput.FirstToken)
{
    public override void Build(HeadContext context) => context.Builder.Output(OutputNames.Logits, context.Architecture.TextClassifier(
        context.Builder, context.Configuration, context.First!, context.Configuration.Labels.Count));
}
