using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Graphs.Heads;

/// <summary>A linear layer on every token: column 0 says how well an answer starts here, column 1 how well it ends here.</summary>
internal static class QuestionAnsweringHead
{
    public static void Build(GraphBuilder g, ModelConfiguration c, Node hidden)
    {
        if (c is DistilBertConfiguration distil) hidden = g.Dropout(hidden, (float)distil.QuestionAnsweringDropout);
        var logits = g.Linear(hidden, "qa_outputs", 2);
        g.Output(OutputNames.Logits, logits);
        g.Output(OutputNames.StartLogits, g.Columns(logits, 0, 1));
        g.Output(OutputNames.EndLogits, g.Columns(logits, 1, 1));
    }
}
