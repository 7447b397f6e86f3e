namespace SqueezeBert.Graphs.Heads;

/// <summary>A text classifier with one logit. The texts of a question are compared with each other.</summary>
internal sealed class MultipleChoiceHead()
    : HeadDescriptor(ModelHead.MultipleChoice, "multiple choice", "ForMultipleChoice", HeadInput.FirstToken)
{
    public override IReadOnlyList<string> ScalarOutputs => [OutputNames.Logits];

    public override bool ReadsChoices => true;

    public override void Build(HeadContext context) => context.Builder.Output(
        OutputNames.Logits, context.Architecture.TextClassifier(context.Builder, context.Configuration, context.First!, 1));
}
