using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Training.Distillation;

/// <summary>The graph of a student: the bare encoder with its hidden states, and the mean of the last ones of a text.</summary>
internal static class StudentGraph
{
    /// <summary>The output with a vector a text.</summary>
    public const string Vector = "sentence_vector";

    public static Graph Create(ModelConfiguration configuration)
    {
        var encoder = AttentionInputs.Add(ModelGraph.Create(configuration, ModelHead.None, hasPooler: false));
        var vector = new PoolNode(encoder.Output(OutputNames.LastHiddenState).Node, PoolKind.Mean) { Id = encoder.Nodes.Count };
        var outputs = new Dictionary<string, GraphOutput>(encoder.Outputs)
        {
            [Vector] = new GraphOutput(Vector, vector, OutputKind.Value),
        };
        return new Graph(ModelHead.None, [.. encoder.Nodes, vector], encoder.Parameters, outputs);
    }
}
