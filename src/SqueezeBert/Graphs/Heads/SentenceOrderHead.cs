using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Graphs.Heads;

/// <summary>
/// Two logits about a pair of sentences from its pooled first token: for BERT and MobileBERT whether the second follows the first, for
/// SqueezeBERT, whose pretraining has no class in transformers, whether the two are in their order.
/// </summary>
internal static class SentenceOrderHead
{
    public static void Build(GraphBuilder g, ModelConfiguration c, Node pooled, string output)
    {
        if (c is DistilBertConfiguration) throw new NotSupportedException(
            "DistilBERT has no pooler, and so no head for pairs of sentences; it is pretrained as a masked language model");
        g.Output(output, g.Linear(pooled, "cls.seq_relationship", 2));
    }
}
