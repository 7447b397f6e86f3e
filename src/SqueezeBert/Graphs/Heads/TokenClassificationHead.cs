using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Graphs.Heads;

/// <summary>Dropout and a linear layer on every token.</summary>
internal static class TokenClassificationHead
{
    public static void Build(GraphBuilder g, ModelConfiguration c, Node hidden)
    {
        // DistilBERT's probability of its own is for sequence classification and multiple choice only.
        var dropout = c is DistilBertConfiguration ? c.HiddenDropout : c.ClassifierDropout ?? c.HiddenDropout;
        g.Output(OutputNames.Logits, g.Linear(g.Dropout(hidden, (float)dropout), "classifier", c.Labels.Count));
    }
}
