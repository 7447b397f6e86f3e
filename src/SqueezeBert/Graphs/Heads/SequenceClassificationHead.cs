using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Graphs.Heads;

/// <summary>Dropout and a linear layer on the pooled first token; multiple choice is the same with one output.</summary>
internal static class SequenceClassificationHead
{
    public static void Build(GraphBuilder g, ModelConfiguration c, Node pooled, int outputs)
    {
        // DistilBERT has no pooler; its head begins with a layer of its own.
        if (c is DistilBertConfiguration) pooled = g.Activate(g.Linear(pooled, "pre_classifier", pooled.Width), Activation.Relu);
        var x = g.Dropout(pooled, (float)(c.ClassifierDropout ?? c.HiddenDropout));
        g.Output(OutputNames.Logits, g.Linear(x, "classifier", outputs));
    }
}
