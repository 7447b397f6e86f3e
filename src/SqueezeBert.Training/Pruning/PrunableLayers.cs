using System.Numerics;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Training.Optimization;

namespace SqueezeBert.Training.Pruning;

/// <summary>An attention and the linear layers around it.</summary>
internal sealed record PrunableAttention(int Heads, IReadOnlyList<LinearNode> Inputs, LinearNode Output)
{
    /// <summary>Channels of a head.</summary>
    public int HeadSize => Output.Inputs[0].Width / Heads;
}

/// <summary>The two linear layers of a feed-forward network. The channels between them are independent.</summary>
internal sealed record PrunableFeedForward(LinearNode First, LinearNode Second)
{
    /// <summary>Channels between the two.</summary>
    public int Size => First.Width;

    /// <summary>
    /// The number of blocks of channels that belong to one group of the first layer and to one group of the second. Each block must keep
    /// the same number.
    /// </summary>
    public int Blocks => First.Groups / (int)BigInteger.GreatestCommonDivisor(First.Groups, Second.Groups) * Second.Groups;
}

/// <summary>The parts of an encoder layer that can be removed.</summary>
internal sealed record PrunableLayer(PrunableAttention? Attention, IReadOnlyList<PrunableFeedForward> FeedForwards);

/// <summary>Finds, in the graph of any architecture, the attentions and feed-forward networks of each layer.</summary>
internal sealed class PrunableLayers
{
    private readonly Dictionary<Node, List<Node>> _users = [];

    /// <param name="graph">Of the encoder, with a head or without.</param>
    /// <param name="configuration">The configuration of the model.</param>
    public PrunableLayers(Graph graph, ModelConfiguration configuration)
    {
        foreach (var node in graph.Nodes)
        {
            foreach (var input in node.Inputs)
            {
                if (!_users.TryGetValue(input, out var users)) _users.Add(input, users = []);
                users.Add(node);
            }
        }

        var linears = graph.Nodes.OfType<LinearNode>().Where(linear => LayerOf(linear) is not null).ToList();
        var networks = linears.Select(first => FeedForward(first, configuration.IntermediateSize)).OfType<PrunableFeedForward>().ToList();
        var attentions = graph.Nodes.OfType<AttentionNode>().Select(Attention).OfType<PrunableAttention>().ToList();
        All = [.. Enumerable.Range(0, configuration.LayerCount).Select(layer => new PrunableLayer(
            attentions.FirstOrDefault(attention => LayerOf(attention.Output) == layer),
            [.. networks.Where(network => LayerOf(network.First) == layer)]))];
    }

    /// <summary>The layers by number.</summary>
    public IReadOnlyList<PrunableLayer> All { get; }

    /// <summary>The number of kept channels of feed-forward networks must be a multiple of this.</summary>
    public int ChannelMultiple => All.SelectMany(layer => layer.FeedForwards).Select(network => network.Blocks).DefaultIfEmpty(1).Max();

    /// <summary>The smallest number of heads of any layer, or 0 if it cannot be determined.</summary>
    public int Heads => All.Select(layer => layer.Attention?.Heads ?? 0).DefaultIfEmpty(0).Min();

    private static int? LayerOf(LinearNode linear) => linear.Weight is Parameter weight ? ModelParts.LayerOf(weight.Name) : null;

    private PrunableFeedForward? FeedForward(LinearNode first, int size) =>
        first.Width == size && OnlyUser(first) is ActivationNode activation && OnlyUser(activation) is LinearNode second
        && LayerOf(second) == LayerOf(first) ? new PrunableFeedForward(first, second) : null;

    private PrunableAttention? Attention(AttentionNode node) =>
        node.Inputs is [LinearNode { Weight: Parameter } query, LinearNode { Weight: Parameter } key,
            LinearNode { Weight: Parameter } value]
        && OnlyUser(node) is LinearNode { Weight: Parameter } output && LayerOf(output) is not null
            ? new PrunableAttention(node.Heads, [query, key, value], output) : null;

    private Node? OnlyUser(Node node) => _users.TryGetValue(node, out var users) && users is [var user] ? user : null;
}
