using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs;

/// <summary>
/// Collects the operations of a graph in the order they are called. <paramref name="prefix"/> is put before every parameter's name.
/// </summary>
internal sealed class GraphBuilder(string prefix = "")
{
    private readonly List<Node> _nodes = [];
    private readonly List<Parameter> _parameters = [];
    private readonly Dictionary<string, Parameter> _byName = [];
    private readonly Dictionary<string, GraphOutput> _outputs = [];
    private int _sites;

    /// <summary>A builder for a changed copy of a graph: it knows the parameters by full name, and new dropouts get new numbers.</summary>
    public static GraphBuilder ForCopyOf(Graph graph)
    {
        var builder = new GraphBuilder { _sites = graph.Nodes.Max(node => node.DropoutSite) + 1 };
        foreach (var parameter in graph.Parameters)
        {
            builder._byName.Add(parameter.Name, parameter);
            builder._parameters.Add(parameter);
        }

        return builder;
    }

    /// <summary>Put before the names of parameters that are made from here on ("transformer." below a head, nothing for a head).</summary>
    public string Prefix { get; set; } = prefix;

    /// <summary>Put before the names of outputs that are made from here on: nothing, or what tells a named head's from others.</summary>
    public string OutputPrefix { get; set; } = "";

    public Graph Build(ModelHead head, IReadOnlyList<HeadConfiguration>? namedHeads = null) =>
        new(head, _nodes, _parameters, _outputs) { NamedHeads = namedHeads ?? [] };

    /// <summary>A parameter that is there already, by its full name.</summary>
    public Parameter Known(string fullName) => _byName[fullName];

    /// <summary>The parameter of that name; a second use with the same shape is the same (tied) parameter.</summary>
    public Parameter Parameter(string name, ParameterKind kind, params int[] shape) => Named(name, kind, -1, shape);

    /// <summary>A look-up table [rows, width]; a look-up of <paramref name="paddingRow"/> does not train it.</summary>
    public Parameter TableParameter(string name, int rows, int width, int paddingRow = -1) =>
        Named(name, ParameterKind.Embedding, paddingRow, [rows, width]);

    /// <summary>For each of <paramref name="count"/> tokens the number of its row in a table of <paramref name="rows"/> rows.</summary>
    public Parameter RowNumbers(string name, int count, int rows) => Named(name, ParameterKind.RowNumber, -1, [count], rows);

    public void Output(string name, Node node, OutputKind kind = OutputKind.Value) =>
        _outputs.Add(OutputPrefix + name, new GraphOutput(OutputPrefix + name, node, kind));

    public Node Embed(params EmbeddingTable[] tables) => Append(new EmbedNode(tables));

    public EmbeddingTable Table(string name, EmbeddingIndex index, int rows, int width, int paddingRow = -1) =>
        new(TableParameter(name + ".weight", rows, width, paddingRow), index);

    public Node Trigram(Node x) => Append(new TrigramNode(x));

    /// <summary>Parameters NAME.weight [out, in] and NAME.bias [out].</summary>
    public Node Linear(Node x, string name, int width) => Linear(
        x, Parameter(name + ".weight", ParameterKind.Weight, width, x.Width), Parameter(name + ".bias", ParameterKind.Bias, width), 1);

    /// <summary>A grouped convolution of kernel size 1: NAME.weight [out, in / groups, 1] and NAME.bias [out].</summary>
    public Node Convolution(Node x, string name, int width, int groups) => Linear(
        x, Parameter(name + ".weight", ParameterKind.Weight, width, x.Width / groups, 1),
        Parameter(name + ".bias", ParameterKind.Bias, width), groups);

    public Node Linear(Node x, ParameterExpression weight, ParameterExpression? bias, int groups) =>
        Append(new LinearNode(x, weight, bias, groups));

    public Node Activate(Node x, Activation activation) => activation == Activation.None ? x : Append(new ActivationNode(x, activation));

    public Node Scale(Node x, float factor) => Append(new ScaleNode(x, factor));

    public Node Add(Node x, Node y) => Append(new AddNode(x, y));

    /// <summary>Parameters NAME.weight and NAME.bias [width].</summary>
    public Node LayerNorm(Node x, string name, float epsilon) => Norm(x, NormKind.LayerNorm, name, epsilon);

    public Node Norm(Node x, NormKind kind, string name, float epsilon) => Append(new NormNode(
        x, kind, Parameter(name + ".weight", ParameterKind.NormWeight, x.Width),
        Parameter(name + ".bias", ParameterKind.NormBias, x.Width), epsilon));

    /// <summary>Every call takes a site, a probability of zero too, so that a site's number does not hang on the probabilities.</summary>
    public Node Dropout(Node x, float probability)
    {
        var site = _sites++;
        return probability == 0 ? x : Append(new DropoutNode(x, probability, site));
    }

    public Node Attention(Node query, Node key, Node value, int heads, float dropout) =>
        Append(new AttentionNode(query, key, value, heads, 1 / MathF.Sqrt(query.Width / heads), dropout, _sites++));

    public Node DepthwiseConvolution(Node x, IReadOnlyList<ConvolutionBranch> branches) =>
        Append(new DepthwiseConvolutionNode(x, branches));

    public Node Columns(Node x, int start, int count) => Append(new ColumnsNode(x, start, count));

    public Node SelectRows(Node x, RowSet selection) => Append(new SelectRowsNode(x, selection));

    public Node Normalize(Node x) => Append(new NormalizeNode(x));

    public Node Pool(Node x, PoolKind kind) => Append(new PoolNode(x, kind));

    private Parameter Named(string name, ParameterKind kind, int paddingRow, int[] shape, int rowLimit = 0)
    {
        name = Prefix + name;
        if (_byName.TryGetValue(name, out var known))
        {
            return known.Shape.SequenceEqual(shape)
                ? known
                : throw new InvalidOperationException(
                    $"parameter {name} is used with the shapes [{string.Join(", ", known.Shape)}] and [{string.Join(", ", shape)}]");
        }

        var parameter = new Parameter(name, kind, shape) { PaddingRow = paddingRow, RowLimit = rowLimit };
        _byName.Add(name, parameter);
        _parameters.Add(parameter);
        return parameter;
    }

    /// <summary>Takes a node in that was made elsewhere; its inputs must be in already.</summary>
    /// <exception cref="InvalidOperationException">It belongs to a graph, or an input is not of this one.</exception>
    public Node Append(Node node)
    {
        if (node.Id >= 0 || node.Inputs.Any(input => input.Id < 0 || input.Id >= _nodes.Count || _nodes[input.Id] != input))
            throw new InvalidOperationException($"{node.GetType().Name} is of another graph, or reads values of one");
        node.Id = _nodes.Count;
        _nodes.Add(node);
        return node;
    }
}
