namespace SqueezeBert.Graphs.Heads;

/// <summary>A linear layer on every token. Column 0 is the logit of an answer's start, and column 1 that of its end.</summary>
internal sealed class QuestionAnsweringHead()
    : HeadDescriptor(ModelHead.QuestionAnswering, "question answering", "ForQuestionAnswering", HeadInput.Tokens)
{
    public override IReadOnlyList<string> ScalarOutputs => [OutputNames.StartLogits, OutputNames.EndLogits];

    /// <summary>The reference splits the logits into two outputs.</summary>
    public override IReadOnlyList<string> AdditionalOutputs => [OutputNames.Logits];

    public override void Build(HeadContext context)
    {
        var g = context.Builder;
        var x = g.Dropout(context.Hidden, (float)context.Architecture.SpanDropout(context.Configuration));
        var logits = g.Linear(x, "qa_outputs", 2);
        g.Output(OutputNames.Logits, logits);
        g.Output(OutputNames.StartLogits, g.Columns(logits, 0, 1));
        g.Output(OutputNames.EndLogits, g.Columns(logits, 1, 1));
    }
}
