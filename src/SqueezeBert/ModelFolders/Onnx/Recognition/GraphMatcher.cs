using System.Globalization;
using SqueezeBert.Checkpoints;
using SqueezeBert.Configuration;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.ModelFolders.Onnx.Constants;
using SqueezeBert.ModelFolders.Onnx.Layers;

namespace SqueezeBert.ModelFolders.Onnx.Recognition;

/// <summary>
/// Matches the project's own graph of a configuration with the layers of a file, from the outputs to the inputs, and finds the constant for
/// each parameter. Anything that does not fit, including a different epsilon, is refused. A file that can be read therefore computes the
/// same mathematics as the model.
/// </summary>
internal sealed class GraphMatcher
{
    private readonly ModelConfiguration _configuration;
    private readonly ConstantPool _pool;
    private readonly string _file;
    private readonly Graph _graph;
    private readonly Layer?[] _layers;
    private readonly bool[] _isDone;
    private readonly Dictionary<string, Constant> _constants = new(StringComparer.Ordinal);

    private GraphMatcher(ModelConfiguration configuration, Graph graph, ConstantPool pool, string file)
    {
        _configuration = configuration;
        _graph = graph;
        _pool = pool;
        _file = file;
        _layers = new Layer?[graph.Nodes.Count];
        _isDone = new bool[graph.Nodes.Count];
    }

    /// <summary>Returns the constants by the names of the parameters, in the shapes of the parameters.</summary>
    public static IReadOnlyDictionary<string,
        Constant> Match(ModelConfiguration configuration, Graph graph, OutputRoles roles, ConstantPool pool, string file)
    {
        var matcher = new GraphMatcher(configuration, graph, pool, file);
        foreach (var (name, layer) in roles.Layers)
        {
            // A pooler stands behind architectures that have none in damaged files only.
            if (!graph.Outputs.TryGetValue(name, out var output))
            {
                throw new InvalidModelFileException(file, null,
                    $"has a {name}, which a model of the type '{configuration.ModelType}' does not have");
            }

            matcher.Assign(output.Node, layer);
        }

        for (var id = graph.Nodes.Count - 1; id >= 0; id--)
        {
            // What no output of the file depends on stays without a layer.
            if (matcher._layers[id] is { } layer && !matcher._isDone[id]) matcher.Match(graph.Nodes[id], layer);
        }

        return matcher._constants;
    }

    private void Match(Node node, Layer layer)
    {
        switch (node, layer)
        {
            case (DropoutNode, _):
                Assign(node.Inputs[0], layer);
                break;
            case (SelectRowsNode { Rows: RowSet.FirstTokens }, UnaryLayer { Kind: UnaryKind.FirstToken } first):
                Assign(node.Inputs[0], first.X);
                break;
            case (AddNode or EmbedNode, _):
                MatchSum(node, layer);
                break;
            case (LinearNode linear, LinearLayer found):
                MatchLinear(linear, found, found.Weight, found.Bias);
                break;
            case (LinearNode linear, ColumnsLayer { X: LinearLayer { Groups: 1, Bias: { } bias } packed } columns):
                MatchLinear(linear, packed, _pool.Sliced(packed.Weight, 0, columns.Start, columns.Width),
                    _pool.Sliced(bias, 0, columns.Start, columns.Width));
                break;
            case (ActivationNode activation, ActivationLayer found):
                if (activation.Activation != found.Activation) throw Mismatch(node, layer);
                Assign(node.Inputs[0], found.X);
                break;
            case (NormNode norm, NormLayer found):
                MatchNorm(norm, found);
                break;
            case (AttentionNode attention, AttentionLayer found):
                MatchAttention(attention, found);
                break;
            case (TrigramNode, ConcatenatedLayer
            {
                Parts: [UnaryLayer { Kind: UnaryKind.Shifted, Number: 1 } next, var current,
                UnaryLayer { Kind: UnaryKind.Shifted, Number: -1 } previous]
            })
                when ReferenceEquals(next.X, current) && ReferenceEquals(previous.X, current):
                Assign(node.Inputs[0], current);
                break;
            case (DepthwiseConvolutionNode convolution, _):
                MatchConvolution(convolution, layer);
                break;
            default:
                throw Mismatch(node, layer);
        }
    }

    private void MatchLinear(LinearNode node, LinearLayer layer, Constant weight, Constant? bias)
    {
        if (node.Groups != layer.Groups || node.Width != weight.Shape[0] || node.Inputs[0].Width != layer.X.Width)
            throw Mismatch(node, layer);
        if (node.Bias is not Parameter parameter || bias is null)
            throw new InvalidModelFileException(_file, null, $"{layer.Origin} has no bias; {Name(node)} has one");
        Bind(parameter, bias, layer);
        switch (node.Weight)
        {
            case Parameter whole:
                Bind(whole, weight, layer);
                break;
            case ConcatenatedColumns { Parts: [(var words, false), (var rest, true)] } when weight.Shape[1] == words.Columns + rest.Rows:
                Bind(words, _pool.Sliced(weight, 1, 0, words.Columns), layer);
                Bind(rest, _pool.Transposed(_pool.Sliced(weight, 1, words.Columns, rest.Rows)), layer);
                break;
            default:
                throw Mismatch(node, layer);
        }

        Assign(node.Inputs[0], layer.X);
    }

    private void MatchNorm(NormNode node, NormLayer layer)
    {
        if (node.Kind != layer.Kind || node.Width != layer.Width) throw Mismatch(node, layer);
        if (node.Kind == NormKind.LayerNorm && !IsEpsilon(node.Epsilon, layer))
        {
            throw new InvalidModelFileException(
                _file, null, string.Create(
                    CultureInfo.InvariantCulture,
                    $"{layer.Origin} has an epsilon of {(float)layer.Epsilon}; {Name(node)} of a {_configuration.ModelType} model has " +
                    $"{node.Epsilon}"));
        }

        Bind(node.Weight, layer.Weight, layer);
        Bind(node.Bias, layer.Bias, layer);
        Assign(node.Inputs[0], layer.X);
    }

    /// <summary>
    /// Float16 has no number below 6e-8, so converters replace a smaller epsilon by that number or by zero. All of them are negligible
    /// compared with a variance.
    /// </summary>
    private static bool IsEpsilon(float epsilon, NormLayer layer) =>
        Math.Abs(layer.Epsilon - epsilon) <= 1e-5 * epsilon
            || (layer.Weight.Type == TensorType.Float16 && epsilon < 2e-7 && layer.Epsilon < 2e-7);

    private void MatchAttention(AttentionNode node, AttentionLayer layer)
    {
        // Constants of a float16 file have three digits.
        if (node.Heads != layer.Heads || !(Math.Abs((layer.Scale / node.Scale) - 1) < 2e-3))
        {
            throw new InvalidModelFileException(
                _file, null, string.Create(
                    CultureInfo.InvariantCulture,
                    $"{layer.Origin} ends an attention of {layer.Heads} heads and scale {layer.Scale:0.#####}; a " +
                    $"{_configuration.ModelType} model of this size has {node.Heads} and {node.Scale:0.#####}"));
        }

        Assign(node.Query, layer.Query);
        Assign(node.Key, layer.KeyLayer);
        Assign(node.Value, layer.Value);
    }

    private void MatchConvolution(DepthwiseConvolutionNode node, Layer layer)
    {
        var parts = layer is ConcatenatedLayer all ? all.Parts : [layer];
        if (parts.Count != node.Branches.Count) throw Mismatch(node, layer);
        Layer? input = null;
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i] is not DepthwiseLayer part || part.Width != node.Branches[i].Channels
                || part.Weight.Shape[2] != node.Branches[i].KernelSize) throw Mismatch(node, parts[i]);
            var x = part.X is ColumnsLayer columns && columns.Start == node.Branches[i].Start ? columns.X : part.X;
            if (x.Width != node.Width || (input is not null && !ReferenceEquals(input, x))) throw Mismatch(node, part);
            input = x;
            Bind(node.Branches[i].Weight, part.Weight, part);
            Bind(node.Branches[i].Bias, part.Bias, part);
        }

        Assign(node.Inputs[0], input!);
    }

    private void MatchSum(Node node, Layer layer)
    {
        var tables = new List<EmbeddingTable>();
        var leaves = new List<Node>();
        Flatten(node, tables, leaves);
        var terms = (layer is SumLayer sum ? sum.Terms : [layer]).ToList();
        if (terms.Count != tables.Count + leaves.Count) throw Mismatch(node, layer);
        foreach (var table in tables)
        {
            var term = terms.OfType<TableLayer>().FirstOrDefault(term => term.Index == table.Index) ?? throw Mismatch(node, layer);
            if (table.Mapping is null != term.Mapping is null || table.Factors is null != term.Factors is null) throw Mismatch(node, layer);
            Bind((Parameter)table.Weight, term.Table, term);
            if (table.Mapping is not null) Bind(table.Mapping, term.Mapping!, term);
            if (table.Factors is not null) Bind(table.Factors, term.Factors!, term);
            terms.Remove(term);
        }

        foreach (var leaf in leaves)
        {
            var term = terms.FirstOrDefault(term => Resembles(leaf, term)) ?? throw Mismatch(leaf, terms[0]);
            Assign(leaf, term);
            terms.Remove(term);
        }
    }

    private void Flatten(Node node, List<EmbeddingTable> tables, List<Node> leaves)
    {
        // Sums of a graph are at most three deep.
        _isDone[node.Id] = true;
        switch (node)
        {
            case EmbedNode embed:
                tables.AddRange(embed.Tables);
                break;
            case AddNode:
                foreach (var input in node.Inputs)
                {
                    if (input is AddNode or EmbedNode) Flatten(input, tables, leaves);
                    else leaves.Add(input);
                }

                break;
        }
    }

    private static bool Resembles(Node node, Layer layer) => node switch
    {
        DropoutNode => Resembles(node.Inputs[0], layer),
        LinearNode { Weight: Parameter { Shape.Count: 3 } } => layer is LinearLayer { IsConvolution: true },
        LinearNode => layer is LinearLayer { IsConvolution: false } or ColumnsLayer,
        NormNode norm => layer is NormLayer found && found.Kind == norm.Kind,
        _ => true,
    };

    private void Assign(Node node, Layer layer)
    {
        if (_layers[node.Id] is { } known && !ReferenceEquals(known, layer)) throw Mismatch(node, layer);
        _layers[node.Id] = layer;
    }

    private void Bind(Parameter parameter, Constant constant, Layer layer)
    {
        if (constant.Count != parameter.Length || !HasShape(parameter, constant))
        {
            throw new InvalidModelFileException(
                _file, parameter.Name,
                    $"{layer.Origin} has a constant [{string.Join(", ", constant.Shape)}] in its place; the model's is " +
                        $"[{string.Join(", ", parameter.Shape)}]");
        }

        var shaped = _pool.Reshaped(constant, [.. parameter.Shape.Select(size => (long)size)]);
        if (!_constants.TryAdd(parameter.Name, shaped) && !ConstantPool.HaveSameElements(_constants[parameter.Name], shaped))
            throw new InvalidModelFileException(_file, parameter.Name,
                $"{layer.Origin} has other values for it than the operator that uses it first");
    }

    private static bool HasShape(Parameter parameter, Constant constant) =>
        parameter.Shape.Where(size => size != 1).Select(size => (long)size).SequenceEqual(constant.Shape.Where(size => size != 1));

    private string Name(Node node) => node.Expressions.SelectMany(expression => expression.Leaves).FirstOrDefault() is { } parameter
        ? $"'{parameter.Name[..Math.Max(0, parameter.Name.LastIndexOf('.'))]}'"
        : Describe(node);

    private InvalidModelFileException Mismatch(Node node, Layer layer) => new(
        _file, null,
            $"is not a {_configuration.ModelType} model with a head for {ModelHeads.NameOf(_graph.Head)}: {layer.Origin} stands where " +
                $"{Describe(node)} is expected");

    private static string Describe(Node node) => node switch
    {
        LinearNode { Groups: > 1 } linear =>
            $"a linear layer of {linear.Inputs[0].Width} to {linear.Width} channels in {linear.Groups} groups",
        LinearNode linear => $"a linear layer of {linear.Inputs[0].Width} to {linear.Width} channels",
        ActivationNode activation => $"the activation {ActivationNames.NameOf(activation.Activation)}",
        NormNode { Kind: NormKind.LayerNorm } => "a LayerNorm",
        NormNode => "a scale and shift of channels",
        AddNode => "a sum",
        EmbedNode => "a sum of embeddings",
        AttentionNode => "an attention",
        SelectRowsNode => "the first token of each text",
        TrigramNode => "each token beside its neighbours",
        DepthwiseConvolutionNode => "a depthwise convolution",
        _ => node.GetType().Name,
    };
}
