using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Inference.Operations;
using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Inference;

/// <summary>
/// Builds the plan for a graph and the requested outputs. The analysis of needed rows runs backward, so that rows that nothing reads are
/// not computed. Patterns that share memory traffic are fused. Values get their memory.
/// </summary>
internal sealed class PlanBuilder
{
    private readonly Graph _graph;
    private readonly PackedWeights _weights;
    private readonly IReadOnlyList<Node> _nodes;
    private readonly RowSet?[] _rows;
    private readonly int[] _uses;
    private readonly bool[] _isOutput;
    private readonly bool[] _fused;
    private readonly PlanValue?[] _values;
    private readonly Dictionary<(int Node, RowSet Rows), PlanValue> _gathered = [];
    private readonly Dictionary<(PlanValue Value, RowFormat Format, int Slices), PlanValue> _encoded = [];
    private readonly Dictionary<int, AttentionCapture> _captures = [];
    private readonly List<Operation> _operations = [];

    private PlanBuilder(Graph graph, PackedWeights weights, IReadOnlyList<string> outputs)
    {
        _graph = graph;
        _weights = weights;
        _nodes = graph.NodesFor(outputs);
        _rows = RowDemand.Of(graph, outputs);
        _uses = new int[graph.Nodes.Count];
        _isOutput = new bool[graph.Nodes.Count];
        _fused = new bool[graph.Nodes.Count];
        _values = new PlanValue?[graph.Nodes.Count];
    }

    /// <param name="graph">The graph of the model.</param>
    /// <param name="weights">The weights, which must contain every parameter of the nodes that the outputs need.</param>
    /// <param name="outputs">The names of outputs in <see cref="Graph.Outputs"/>.</param>
    public static InferencePlan Build(Graph graph, PackedWeights weights, IReadOnlyList<string> outputs) =>
        new PlanBuilder(graph, weights, outputs).Build(outputs);

    private InferencePlan Build(IReadOnlyList<string> names)
    {
        var outputs = names.Select(_graph.Output).ToList();
        foreach (var output in outputs) RequireOutput(output);
        CountUses();
        foreach (var node in _nodes)
        {
            if (!_fused[node.Id]) Emit(node);
        }

        var values = new Dictionary<string, PlanValue>();
        foreach (var output in outputs.Where(output => output.Kind == OutputKind.Value))
        {
            var value = ValueOf(output.Node, output.Node.Rows);
            value.IsOutput = true;
            values[output.Name] = value;
        }

        LinkProducts();
        var segments = Segmentation.Cut(_operations);
        var buffers = MemoryPlanner.Assign(segments);
        return new InferencePlan
        {
            Segments = segments,
            Buffers = buffers,
            Captures = [.. _captures.Values],
            Outputs = values,
            Limits = Limits(),
        };
    }

    private (EmbeddingIndex Index, int Rows)[] Limits()
    {
        var limits = new List<(EmbeddingIndex Index, int Rows)>();
        foreach (var operation in _operations.OfType<EmbedOperation>()) limits.AddRange(operation.Limits);
        return [.. limits];
    }

    // What one plan reads next is what every other reads next, where both read it at all.
    private void LinkProducts()
    {
        PackedProduct? last = null;
        foreach (var product in _operations.OfType<RowOperation>().SelectMany(operation => operation.Products))
        {
            if (last is not null && last.Next is null && last != product) last.Next = product;
            last = product;
        }
    }

    private void RequireOutput(GraphOutput output)
    {
        var node = Resolve(output.Node);
        if (output.Kind == OutputKind.Value) _isOutput[node.Id] = true;
        else _captures.Add(node.Id, new AttentionCapture(output.Name, output.Kind, ((AttentionNode)node).Heads, _captures.Count));
    }

    /// <summary>Dropout does nothing outside of training.</summary>
    private static Node Resolve(Node node)
    {
        while (node is DropoutNode) node = node.Inputs[0];
        return node;
    }

    private void CountUses()
    {
        foreach (var node in _nodes.Where(node => node is not DropoutNode))
        {
            foreach (var input in node.Inputs) _uses[Resolve(input).Id]++;
        }
    }

    private void Emit(Node node)
    {
        if (node is DropoutNode || _rows[node.Id] is not { } rows) return;
        switch (node)
        {
            case SelectRowsNode:
                _values[node.Id] = ValueOf(node.Inputs[0], rows);
                break;
            case EmbedNode embed:
                Add(node, new EmbedOperation(NewValue(node), embed, _weights));
                break;
            case NgramNode ngrams:
                Add(node, new NgramOperation(NewValue(node), _weights.Table(ngrams.Table), ngrams.Words()));
                break;
            case LinearNode linear:
                EmitLinear(linear, rows);
                break;
            case ActivationNode activation:
                Add(node, new ActivationOperation(NewValue(node), Input(node, 0, rows), activation.Activation));
                break;
            case ScaleNode scale:
                Add(node, new ScaleOperation(NewValue(node), Input(node, 0, rows), scale.Factor));
                break;
            case NormalizeNode:
                Add(node, new NormalizeOperation(NewValue(node), Input(node, 0, rows)));
                break;
            case ColumnsNode columns:
                Add(node, new ColumnsOperation(NewValue(node), Input(node, 0, rows), columns.Start));
                break;
            case AddNode:
                Add(node, new AddOperation(NewValue(node), Input(node, 0, rows), Input(node, 1, rows)));
                break;
            case NormNode norm:
                EmitNorm(norm, rows);
                break;
            case AttentionNode attention:
                Add(node, new AttentionOperation(NewValue(node), Input(node, 0, rows), Input(node, 1, rows),
                    Input(node, 2, rows), attention)
                {
                    Capture = _captures.GetValueOrDefault(node.Id),
                });
                break;
            case DepthwiseConvolutionNode convolution:
                Add(node, new DepthwiseConvolutionOperation(NewValue(node), Input(node, 0, rows), convolution, _weights));
                break;
            case TrigramNode:
                EmitTrigram(node, rows);
                break;
            case PoolNode pool:
                Add(node, new PoolOperation(NewValue(node), Input(node, 0, rows), pool.Kind));
                break;
            default:
                throw new NotSupportedException($"no inference operation for {node.GetType().Name}");
        }
    }

    private unsafe void EmitNorm(NormNode norm, RowSet rows) => Add(norm, new NormOperation(
        NewValue(norm), Input(norm, 0, rows), norm.Kind, _weights.Buffer(norm.Weight), _weights.Buffer(norm.Bias), norm.Epsilon));

    private void EmitTrigram(Node node, RowSet rows)
    {
        var words = Resolve(node.Inputs[0]) is EmbedNode { Tables: [{ Index: EmbeddingIndex.TokenId } table] } ? table.Weight : null;
        Add(node, new TrigramOperation(NewValue(node), Input(node, 0, rows), words is null ? default : _weights.Table(words),
            words?.Rows ?? 0));
    }

    /// <summary>
    /// Emits a linear layer together with the operations that alone read its result: an activation, a second linear layer with the same
    /// number of groups, and a residual addition.
    /// </summary>
    private void EmitLinear(LinearNode linear, RowSet rows)
    {
        Node last = linear;
        var activation = Activation.None;
        if (OnlyConsumer(last) is ActivationNode next)
        {
            activation = next.Activation;
            last = Fuse(next);
        }

        LinearNode? down = null;
        if (activation != Activation.None && OnlyConsumer(last) is LinearNode second && second.Groups == linear.Groups && second != linear)
        {
            down = second;
            last = Fuse(second);
        }

        PlanValue? residual = null;
        if (OnlyConsumer(last) is AddNode add && Other(add, last) is { } other && _values[other.Id] is not null)
        {
            residual = ValueOf(other, rows);
            last = Fuse(add);
        }

        var weights = _weights.Linear(linear);
        var input = Encoded(Input(linear, 0, rows), weights);
        var output = NewValue(last);
        Add(last, down is null
            ? new LinearOperation(output, input, weights, activation, residual)
            : new FeedForwardOperation(output, input, weights, activation, _weights.Linear(down), residual));
    }

    /// <summary>
    /// Returns a value in the format that a layer requires. It is written by the operation that computes the value, and shared by all
    /// layers with that format.
    /// </summary>
    private PlanValue Encoded(PlanValue value, PackedLinear weights)
    {
        var format = weights.InputFormat;
        if (format == value.Format) return value;
        var key = (value, format, weights.Groups.Length);
        if (_encoded.TryGetValue(key, out var encoded)) return encoded;
        encoded = new PlanValue(value.Width, value.Rows, format, weights.Groups.Length);
        if (_operations.Find(operation => operation.Output == value) is RowOperation producer) producer.AlsoEncode(encoded);
        else _operations.Add(new EncodeOperation(encoded, value));
        _encoded.Add(key, encoded);
        return encoded;
    }

    private Node Fuse(Node node)
    {
        _fused[node.Id] = true;
        return node;
    }

    /// <summary>
    /// Returns the only needed node that reads this value, if there is exactly one, it reads the value once, and it needs the same rows.
    /// </summary>
    private Node? OnlyConsumer(Node node)
    {
        if (_uses[node.Id] != 1 || _isOutput[node.Id]) return null;
        var consumer = _nodes.First(other => other is not DropoutNode && other.Inputs.Any(input => Resolve(input) == node));
        return _rows[consumer.Id] == _rows[node.Id] ? consumer : null;
    }

    private static Node? Other(AddNode add, Node one)
    {
        var (left, right) = (Resolve(add.Inputs[0]), Resolve(add.Inputs[1]));
        return left == right ? null : left == one ? right : left;
    }

    /// <summary>Returns the rows of an input that are needed for <paramref name="rows"/> of the node.</summary>
    private PlanValue Input(Node node, int index, RowSet rows) => ValueOf(node.Inputs[index], node.RowsOwed(index, rows));

    /// <summary>Returns the value of a node on a row set: as it was computed, or with its rows gathered.</summary>
    private PlanValue ValueOf(Node node, RowSet rows)
    {
        node = Resolve(node);
        var value = _values[node.Id]
            ?? throw new InvalidOperationException($"{node.GetType().Name} {node.Id} is used before it is computed");
        if (value.Rows == rows || value.Rows == RowSet.Texts) return value;
        if (value.Rows != RowSet.Tokens) throw new InvalidOperationException($"rows {value.Rows} cannot give {rows}");
        if (_gathered.TryGetValue((node.Id, rows), out var gathered)) return gathered;
        gathered = new PlanValue(value.Width, rows);
        _operations.Add(new GatherOperation(gathered, value));
        _gathered.Add((node.Id, rows), gathered);
        return gathered;
    }

    private PlanValue NewValue(Node node) => new(node.Width, _rows[node.Id]!.Value);

    private void Add(Node node, Operation operation)
    {
        _values[node.Id] = operation.Output;
        _operations.Add(operation);
    }
}
