using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Training.Distillation;

/// <summary>
/// The bare encoder with its hidden states, and the vector of a text, which is the mean of its last hidden states by default.
/// </summary>
internal static class StudentGraph
{
    /// <summary>The output with one vector per text.</summary>
    public const string Vector = "sentence_vector";

    /// <param name="configuration">The encoder.</param>
    /// <param name="pooling">Mean, maximum or first token.</param>
    public static Graph Create(ModelConfiguration configuration, SentencePooling pooling = SentencePooling.Mean)
    {
        var encoder = AttentionInputs.Add(ModelGraph.Create(configuration, ModelHead.None, hasPooler: false));
        var hidden = encoder.Output(OutputNames.LastHiddenState).Node;
        Node vector = pooling == SentencePooling.Cls ? new SelectRowsNode(hidden, RowSet.FirstTokens) { Id = encoder.Nodes.Count }
            : new PoolNode(hidden, pooling == SentencePooling.Max ? PoolKind.Max : PoolKind.Mean) { Id = encoder.Nodes.Count };
        var outputs = new Dictionary<string, GraphOutput>(encoder.Outputs)
        {
            [Vector] = new GraphOutput(Vector, vector, OutputKind.Value),
        };
        return new Graph(ModelHead.None, [.. encoder.Nodes, vector], encoder.Parameters, outputs);
    }
}
