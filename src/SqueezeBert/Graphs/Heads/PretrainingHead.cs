namespace SqueezeBert.Graphs.Heads;

/// <summary>The head for pretraining of BERT: a masked language model, and the order of two sentences.</summary>
internal sealed class PretrainingHead() : HeadDescriptor(ModelHead.Pretraining, "pretraining", "ForPreTraining", HeadInput.FirstToken)
{
    public override IReadOnlyList<string> Answers => [OutputNames.PredictionLogits, OutputNames.SentenceOrderLogits];

    public override bool ServesAs(ModelHead other) => other is ModelHead.Pretraining or ModelHead.MaskedLanguageModel;

    public override void Build(HeadContext context)
    {
        MaskedLanguageModelHead.Build(context, OutputNames.PredictionLogits);
        SentenceOrderHead.Build(context, OutputNames.SentenceOrderLogits);
    }
}
