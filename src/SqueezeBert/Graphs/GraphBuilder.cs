using SqueezeBert.Checkpoints;
using SqueezeBert.Configuration;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs;

/// <summary>
/// Builds a graph by collecting its operations in the order of the calls. <paramref name="prefix"/> is put before the name of every
/// parameter.
/// </summary>
internal sealed class GraphBuilder(string prefix = "")
{
    private readonly List<Node> _nodes = [];
    private readonly List<Parameter> _parameters = [];
    private readonly Dictionary<string, Parameter> _byName = [];
    private readonly Dictionary<string, GraphOutput> _outputs = [];
    private int _sites;

    /// <summary>
    /// Creates a builder for a changed copy of a graph. It knows the parameters by their full names, and new dropouts get new numbers.
    /// </summary>
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

    /// <summary>
    /// The prefix of the names of parameters that are created from now on ("transformer." below a head, nothing for a head).
    /// </summary>
    public string Prefix { get; set; } = prefix;

    /// <summary>The prefix of the names of outputs that are created from now on: that of a named head, or nothing.</summary>
    public string OutputPrefix { get; set; } = "";

    public Graph Build(ModelHead head, IReadOnlyList<HeadConfiguration>? namedHeads = null) =>
        new(head, _nodes, _parameters, _outputs) { NamedHeads = namedHeads ?? [] };

    /// <summary>Returns an existing parameter by its full name.</summary>
    public Parameter Known(string fullName) => _byName[fullName];

    /// <summary>Returns the parameter with a name. A second use with the same shape returns the same (tied) parameter.</summary>
    public Parameter Parameter(string name, ParameterKind kind, params int[] shape) => Named(name, kind, -1, shape);

    /// <summary>Returns a look-up table with the shape [rows, width]. Look-ups of <paramref name="paddingRow"/> do not train it.</summary>
    public Parameter TableParameter(string name, int rows, int width, int paddingRow = -1) =>
        Named(name, ParameterKind.Embedding, paddingRow, [rows, width]);

    /// <summary>Returns the row numbers of <paramref name="count"/> tokens in a table of <paramref name="rows"/> rows.</summary>
    public Parameter RowNumbers(string name, int count, int rows) => Named(name, ParameterKind.RowNumber, -1, [count], rows);

    public void Output(string name, Node node, OutputKind kind = OutputKind.Value) =>
        _outputs.Add(OutputPrefix + name, new GraphOutput(OutputPrefix + name, node, kind));

    public Node Embed(params EmbeddingTable[] tables) => Append(new EmbedNode(tables));

    public EmbeddingTable Table(string name, EmbeddingIndex index, int rows, int width, int paddingRow = -1) =>
        new(TableParameter(name + ".weight", rows, width, paddingRow), index);

    /// <summary>Adds the vectors of words by their character n-grams, with the table NAME.weight [buckets, dimensions].</summary>
    public Node Ngrams(string name, HashedNgrams ngrams, Lazy<WordPieces>? pieces) =>
        Append(new NgramNode(TableParameter(name + ".weight", ngrams.Buckets, ngrams.Dimensions), ngrams, pieces));

    public Node Trigram(Node x) => Append(new TrigramNode(x));

    /// <summary>Adds a linear layer with the parameters NAME.weight [out, in] and NAME.bias [out].</summary>
    public Node Linear(Node x, string name, int width) => Linear(
        x, Parameter(name + ".weight", ParameterKind.Weight, width, x.Width), Parameter(name + ".bias", ParameterKind.Bias, width), 1);

    /// <summary>Adds a linear layer without a bias, with the parameter NAME.weight [out, in].</summary>
    public Node LinearWithoutBias(Node x, string name, int width) =>
        Linear(x, Parameter(name + ".weight", ParameterKind.Weight, width, x.Width), null, 1);

    /// <summary>
    /// Adds a grouped convolution with kernel size 1 and the parameters NAME.weight [out, in / groups, 1] and NAME.bias [out].
    /// </summary>
    public Node Convolution(Node x, string name, int width, int groups) => Linear(
        x, Parameter(name + ".weight", ParameterKind.Weight, width, x.Width / groups, 1),
        Parameter(name + ".bias", ParameterKind.Bias, width), groups);

    public Node Linear(Node x, ParameterExpression weight, ParameterExpression? bias, int groups) =>
        Append(new LinearNode(x, weight, bias, groups));

    public Node Activate(Node x, Activation activation) => activation == Activation.None ? x : Append(new ActivationNode(x, activation));

    public Node Scale(Node x, float factor) => Append(new ScaleNode(x, factor));

    public Node Add(Node x, Node y) => Append(new AddNode(x, y));

    /// <summary>Adds a layer norm with the parameters NAME.weight and NAME.bias [width].</summary>
    public Node LayerNorm(Node x, string name, float epsilon) => Norm(x, NormKind.LayerNorm, name, epsilon);

    public Node Norm(Node x, NormKind kind, string name, float epsilon) => Append(new NormNode(
        x, kind, Parameter(name + ".weight", ParameterKind.NormWeight, x.Width),
        Parameter(name + ".bias", ParameterKind.NormBias, x.Width), epsilon));

    /// <summary>
    /// Adds a dropout. Every call takes a site number, even with probability zero, so that the numbers do not depend on the probabilities.
    /// </summary>
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

    /// <summary>Adds a node that was created elsewhere. Its inputs must already be part of the graph.</summary>
    /// <exception cref="InvalidOperationException">The node belongs to a graph, or an input is not part of this one.</exception>
    public Node Append(Node node)
    {
        if (node.Id >= 0 || node.Inputs.Any(input => input.Id < 0 || input.Id >= _nodes.Count || _nodes[input.Id] != input))
            throw new InvalidOperationException($"{node.GetType().Name} is of another graph, or reads values of one");
        node.Id = _nodes.Count;
        _nodes.Add(node);
        return node;
    }
}
