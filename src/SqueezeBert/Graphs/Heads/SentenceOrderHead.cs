namespace SqueezeBert.Graphs.Heads;

/// <summary>
/// Two logits about a pair of sentences, from its pooled first token. For BERT and MobileBERT they say whether the second sentence follows
/// the first. For SqueezeBERT, whose pretraining has no class in transformers, they say whether the two are in their original order.
/// </summary>
internal sealed class SentenceOrderHead() : HeadDescriptor(
    ModelHead.NextSentencePrediction, "next sentence prediction", "ForNextSentencePrediction", HeadInput.FirstToken)
{
    public override void Build(HeadContext context) => Build(context, OutputNames.Logits);

    /// <summary>Builds the head with another name for its output.</summary>
    internal static void Build(HeadContext context, string output) =>
        context.Builder.Output(output, context.Builder.Linear(context.First!, "cls.seq_relationship", 2));
}
