namespace SqueezeBert.Graphs.Heads;

/// <summary>
/// Two logits about a pair of sentences from its pooled first token: for BERT and MobileBERT whether the second follows the first, for
/// SqueezeBERT, whose pretraining has no class in transformers, whether the two are in their order.
/// </summary>
internal sealed class SentenceOrderHead() : HeadDescriptor(
    ModelHead.NextSentencePrediction, "next sentence prediction", "ForNextSentencePrediction", HeadInput.FirstToken)
{
    public override void Build(HeadContext context) => Build(context, OutputNames.Logits);

    /// <summary>Builds it under another output's name.</summary>
    internal static void Build(HeadContext context, string output) =>
        context.Builder.Output(output, context.Builder.Linear(context.First!, "cls.seq_relationship", 2));
}
