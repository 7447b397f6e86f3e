using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs;

/// <summary>What an output shows of its node.</summary>
internal enum OutputKind
{
    /// <summary>The value itself.</summary>
    Value,

    /// <summary>The scaled scores of an attention before the softmax, with the shape [heads, queries, keys] for each text.</summary>
    AttentionScores,

    /// <summary>The probabilities of an attention, with the shape [heads, queries, keys] for each text.</summary>
    AttentionProbabilities,
}

internal sealed record GraphOutput(string Name, Node Node, OutputKind Kind);

/// <summary>
/// A model, defined once: operations in an order in which inputs precede their uses, the parameters that they read, and the outputs that
/// can be requested by name. Inference, training, cost and export interpret the graph.
/// </summary>
internal sealed class Graph
{
    internal Graph(ModelHead head, IReadOnlyList<Node> nodes, IReadOnlyList<Parameter> parameters,
        IReadOnlyDictionary<string, GraphOutput> outputs)
    {
        Head = head;
        Nodes = nodes;
        Parameters = parameters;
        Outputs = outputs;
    }

    /// <summary>The head on the encoder.</summary>
    public ModelHead Head { get; }

    /// <summary>The named heads on the encoder.</summary>
    public IReadOnlyList<HeadConfiguration> NamedHeads { get; init; } = [];

    public IReadOnlyList<Node> Nodes { get; }

    /// <summary>Every parameter once, in the order of its first use.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    public IReadOnlyDictionary<string, GraphOutput> Outputs { get; }

    /// <summary>Returns the nodes that the named outputs need, in order.</summary>
    /// <exception cref="ArgumentException">An output does not exist. The message lists the outputs.</exception>
    public IReadOnlyList<Node> NodesFor(IEnumerable<string> outputs)
    {
        var needed = new bool[Nodes.Count];
        foreach (var name in outputs) needed[Output(name).Node.Id] = true;
        for (var i = Nodes.Count - 1; i >= 0; i--)
        {
            if (!needed[i]) continue;
            foreach (var input in Nodes[i].Inputs) needed[input.Id] = true;
        }

        return [.. Nodes.Where(node => needed[node.Id])];
    }

    /// <summary>Returns the graph without nodes that no output needs. The nodes then belong to the new graph.</summary>
    internal Graph WithoutUnused()
    {
        var nodes = NodesFor(Outputs.Keys);
        for (var i = 0; i < nodes.Count; i++) nodes[i].Id = i;
        var used = nodes.SelectMany(node => node.Expressions).SelectMany(expression => expression.Leaves).ToHashSet();
        return new Graph(Head, nodes, [.. Parameters.Where(used.Contains)], Outputs) { NamedHeads = NamedHeads };
    }

    public GraphOutput Output(string name) => Outputs.TryGetValue(name, out var output)
        ? output
        : throw new ArgumentException($"the model has no output '{name}'; it has {string.Join(", ", Outputs.Keys)}", nameof(name));
}

/// <summary>The names of outputs, which are those of transformers.</summary>
internal static class OutputNames
{
    public const string LastHiddenState = "last_hidden_state";
    public const string PoolerOutput = "pooler_output";
    public const string Logits = "logits";
    public const string StartLogits = "start_logits";
    public const string EndLogits = "end_logits";
    public const string PredictionLogits = "prediction_logits";
    public const string SentenceOrderLogits = "seq_relationship_logits";

    public static string HiddenState(int index) => $"hidden_states.{index}";

    public static string Attention(int layer) => $"attentions.{layer}";
}
