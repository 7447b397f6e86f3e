using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Onnx;

/// <summary>
/// Our graph of an encoder as an ONNX model, in the shape in which PyTorch exports the published code: SqueezeBERT's layers are
/// convolutions of kernel size 1 over [batch, channels, tokens] with a transposition on either side of each norm, BERT's are products over
/// [batch, tokens, channels]. Another engine gets what its users give it, with our weights, so the results can be compared.
/// </summary>
internal sealed class OnnxExport
{
    /// <summary>Added to the scores of padding; the softmax makes zero of it.</summary>
    private const float Masked = -10000;

    private static readonly string[] EncoderOutputs = [OutputNames.LastHiddenState, OutputNames.PoolerOutput];
    private readonly Dictionary<string, string> _inputs = [];
    private readonly OnnxFile _file = new();
    private readonly IParameterSource _source;
    private readonly Dictionary<(int Node, Layout Layout), string> _values = [];
    private readonly Dictionary<int, Layout> _native = [];
    private string? _mask;

    private OnnxExport(IParameterSource source) => _source = source;

    private enum Layout
    {
        /// <summary>[batch, tokens, channels]; [batch, channels] for a row a text.</summary>
        Tokens,

        /// <summary>[batch, channels, tokens].</summary>
        Channels,
    }

    /// <summary>Writes the graph with its hidden states and, if it has one, its pooler; inputs are int64 [batch, tokens].</summary>
    /// <exception cref="UnsupportedModelException">The graph has an operation that the writer does not know.</exception>
    public static void Save(string path, Graph graph, IParameterSource source) =>
        Save(path, graph, source, [.. EncoderOutputs.Where(graph.Outputs.ContainsKey)]);

    /// <summary>
    /// Writes the graph with the named outputs; inputs are int64 [batch, tokens], for multiple choice [batch, choices, tokens].
    /// </summary>
    /// <exception cref="UnsupportedModelException">The graph has an operation that the writer does not know.</exception>
    public static void Save(string path, Graph graph, IParameterSource source, IReadOnlyList<string> outputs, bool hasExternalData = false)
    {
        var export = new OnnxExport(source);
        export.Write(graph, outputs);
        export._file.Save(path, hasExternalData);
    }

    /// <inheritdoc cref="Save(string, Graph, IParameterSource, IReadOnlyList{string}, bool)"/>
    public static void Save(Stream stream, Graph graph, IParameterSource source, IReadOnlyList<string> outputs)
    {
        var export = new OnnxExport(source);
        export.Write(graph, outputs);
        export._file.Save(stream);
    }

    /// <summary>The outputs that an export of the model has: logits where there is a head, else hidden states and pooler.</summary>
    public static IReadOnlyList<string> OutputsOf(Graph graph) => graph.Head switch
    {
        ModelHead.None => [.. EncoderOutputs.Where(graph.Outputs.ContainsKey)],
        ModelHead.QuestionAnswering => [OutputNames.StartLogits, OutputNames.EndLogits],
        ModelHead.Pretraining => [OutputNames.PredictionLogits, OutputNames.SentenceOrderLogits],
        _ => [OutputNames.Logits],
    };

    private void Write(Graph graph, IReadOnlyList<string> names)
    {
        var outputs = names.Select(graph.Output).ToList();
        var hasChoices = graph.Head == ModelHead.MultipleChoice;
        _inputs["input_ids"] = Input("input_ids", hasChoices);
        _inputs["attention_mask"] = Input("attention_mask", hasChoices);
        if (graph.Nodes.OfType<EmbedNode>().SelectMany(embed => embed.Tables).Any(table => table.Index == EmbeddingIndex.TokenTypeId))
            _inputs["token_type_ids"] = Input("token_type_ids", hasChoices);
        foreach (var node in graph.NodesFor(names)) Write(node);
        foreach (var (name, node, _) in outputs)
        {
            if (node is ColumnsNode { Width: 1 })
            {
                _file.AddNamed(name, "Squeeze", [Value(node, Layout.Tokens), _file.Integers(-1)]);
                _file.Output(name, OnnxTensor.Float, "batch", "tokens");
            }
            else if (hasChoices && node.Rows == RowSet.FirstTokens)
            {
                _file.AddNamed(name, "Reshape",
                    [Value(node, Layout.Tokens), _file.Add("Concat", [_file.Integers(-1), Size("input_ids", 1)], ("axis", 0L))]);
                _file.Output(name, OnnxTensor.Float, "batch", "choices");
            }
            else
            {
                _file.AddNamed(name, "Identity", [Value(node, Layout.Tokens)]);
                if (node.Rows == RowSet.Tokens) _file.Output(name, OnnxTensor.Float, "batch", "tokens", node.Width);
                else _file.Output(name, OnnxTensor.Float, "batch", node.Width);
            }
        }
    }

    /// <summary>An input of token numbers as [texts, tokens].</summary>
    private string Input(string name, bool hasChoices)
    {
        if (!hasChoices) return _file.Input(name, OnnxTensor.Int64, "batch", "tokens");
        _file.Input(name, OnnxTensor.Int64, "batch", "choices", "tokens");
        return _file.Add("Reshape", [name, _file.Add("Concat", [_file.Integers(-1), Size(name, 2)], ("axis", 0L))]);
    }

    /// <summary>One size of a value, as a list of one.</summary>
    private string Size(string value, long axis) => _file.Add("Gather", [_file.Add("Shape", [value]), _file.Integers(axis)], ("axis", 0L));

    private void Write(Node node)
    {
        switch (node)
        {
            case EmbedNode embed:
                Define(node, Layout.Tokens, embed.Tables.Select(Embed).Aggregate((sum, table) => _file.Add("Add", [sum, table])));
                break;
            case TrigramNode:
                Define(node, Layout.Tokens, Trigram(Value(node.Inputs[0], Layout.Tokens)));
                break;
            case LinearNode linear:
                Linear(linear);
                break;
            case ActivationNode activation:
                Define(node, Native(node.Inputs[0]), Activate(activation.Activation, Value(node.Inputs[0], Native(node.Inputs[0]))));
                break;
            case ScaleNode scale:
                Define(node, Native(node.Inputs[0]),
                    _file.Add("Mul", [Value(node.Inputs[0], Native(node.Inputs[0])), _file.Scalar(scale.Factor)]));
                break;
            case AddNode:
                var layout = Native(node.Inputs[0]);
                Define(node, layout, _file.Add("Add", [Value(node.Inputs[0], layout), Value(node.Inputs[1], layout)]));
                break;
            case NormNode norm:
                Define(node, Layout.Tokens, Norm(norm, Value(node.Inputs[0], Layout.Tokens)));
                break;
            case DropoutNode:
                Define(node, Native(node.Inputs[0]), Value(node.Inputs[0], Native(node.Inputs[0])));
                break;
            case AttentionNode attention:
                Attention(attention);
                break;
            case SelectRowsNode { Rows: RowSet.FirstTokens }:
                Define(node, Layout.Tokens,
                    _file.Add("Gather", [Value(node.Inputs[0], Layout.Tokens), _file.Constant(Zero())], ("axis", 1L)));
                break;
            case DepthwiseConvolutionNode convolution:
                Define(node, Layout.Channels, Convolution(convolution, Value(node.Inputs[0], Layout.Channels)));
                break;
            case ColumnsNode columns:
                Define(node, Layout.Tokens, _file.Add("Slice", [
                    Value(node.Inputs[0], Layout.Tokens),
                    _file.Integers(columns.Start),
                    _file.Integers(columns.Start + columns.Width),
                    _file.Integers(-1),
                ]));
                break;
            default:
                throw new NotSupportedException($"no ONNX operator for {node.GetType().Name} on {node.Rows}");
        }
    }

    private string Embed(EmbeddingTable table)
    {
        var ids = table.Index switch
        {
            EmbeddingIndex.TokenId => _inputs["input_ids"],
            EmbeddingIndex.TokenTypeId => _inputs["token_type_ids"],
            _ => Positions(table.Weight.Rows),
        };
        if (table.Mapping is not null || table.Factors is not null)
            throw new NotSupportedException("an embedding table with a mapping or weights of its tokens is not written as ONNX");
        return _file.Add("Gather", [Weight(table.Weight), ids], ("axis", 0L));
    }

    /// <summary>[1, tokens]: 0, 1, 2, …</summary>
    private string Positions(int count)
    {
        var numbers =
            _file.Constant(
                OnnxTensor.OfIntegers("positions",
                    [.. Enumerable.Range(0, count).Select(position => (long)position)]) with
                { Shape = [1, count] });
        var tokens = Size(_inputs["input_ids"], 1);
        return _file.Add("Slice", [numbers, _file.Integers(0), tokens, _file.Integers(1)]);
    }

    /// <summary>[next | current | previous] rows, zeros outside of the text.</summary>
    private string Trigram(string x)
    {
        var padded = _file.Add("Pad", [x, _file.Constant(OnnxTensor.OfIntegers("trigram_pads", [0, 1, 0, 0, 1, 0]))]);
        string Part(long start, long end) => _file.Add("Slice", [padded, _file.Integers(start), _file.Integers(end), _file.Integers(1)]);
        return _file.Add("Concat", [Part(2, long.MaxValue), Part(1, -1), Part(0, -2)], ("axis", 2L));
    }

    private void Linear(LinearNode node)
    {
        if (node.Weight is not Parameter weight)
        {
            Define(node, Layout.Tokens, _file.Add("Add", [
                _file.Add("MatMul", [Value(node.Inputs[0], Layout.Tokens), Joined((ConcatenatedColumns)node.Weight)]),
                Weight(node.Bias!),
            ]));
        }
        else if (weight.Shape.Count == 3)
        {
            Define(node, Layout.Channels, _file.Add(
                "Conv", [Value(node.Inputs[0], Layout.Channels), Weight(weight), Weight(node.Bias!)], ("group", (long)node.Groups),
                ("kernel_shape", new[] { 1L })));
        }
        else if (node.Rows == RowSet.Tokens)
        {
            var product = _file.Add("MatMul", [Value(node.Inputs[0], Layout.Tokens),
                _file.Constant(OnnxTensor.Transposed(weight.Name + ".transposed", weight, _source))]);
            Define(node, Layout.Tokens, _file.Add("Add", [Weight(node.Bias!), product]));
        }
        else
        {
            Define(node, Layout.Tokens,
                _file.Add("Gemm", [Value(node.Inputs[0], Layout.Tokens), Weight(weight), Weight(node.Bias!)], ("transB", 1L)));
        }
    }

    private string Activate(Activation activation, string x) => activation switch
    {
        Activation.Gelu => _file.Add("Mul", [_file.Add("Mul", [x, _file.Add("Add", [Erf(x), _file.Scalar(1)])]), _file.Scalar(0.5f)]),
        Activation.Relu => _file.Add("Relu", [x]),
        Activation.Tanh => _file.Add("Tanh", [x]),
        Activation.Sigmoid => _file.Add("Sigmoid", [x]),
        Activation.Silu => _file.Add("Mul", [x, _file.Add("Sigmoid", [x])]),
        Activation.QuickGelu => _file.Add("Mul", [x, _file.Add("Sigmoid", [_file.Add("Mul", [x, _file.Scalar(1.702f)])])]),
        Activation.GeluTanh => _file.Add("Mul", [
            _file.Add("Mul", [x, _file.Scalar(0.5f)]),
            _file.Add("Add", [_file.Add("Tanh", [GeluArgument(x)]), _file.Scalar(1)]),
        ]),
        _ => throw new NotSupportedException($"no ONNX operator for {activation}"),
    };

    /// <summary>√(2/π) (x + 0.044715 x³).</summary>
    private string GeluArgument(string x)
    {
        var cube = _file.Add("Mul", [_file.Add("Pow", [x, _file.Scalar(3)]), _file.Scalar(0.044715f)]);
        return _file.Add("Mul", [_file.Add("Add", [x, cube]), _file.Scalar(MathF.Sqrt(2 / MathF.PI))]);
    }

    private string Erf(string x) => _file.Add("Erf", [_file.Add("Div", [x, _file.Scalar(MathF.Sqrt(2))])]);

    private string Norm(NormNode norm, string x) => norm.Kind == NormKind.LayerNorm
        ? _file.Add("LayerNormalization", [x, Weight(norm.Weight), Weight(norm.Bias)], ("axis", -1L), ("epsilon", norm.Epsilon))
        : _file.Add("Add", [_file.Add("Mul", [x, Weight(norm.Weight)]), Weight(norm.Bias)]);

    /// <summary>softmax(q·kᵀ·scale + mask)·v with heads as a dimension of their own, in the layout that the inputs have.</summary>
    private void Attention(AttentionNode node)
    {
        var layout = Native(node.Query);
        var width = node.Width / node.Heads;
        string Heads(Node input, params long[] order)
        {
            var split = layout == Layout.Channels ? _file.Integers(0, node.Heads, width, -1) : _file.Integers(0, 0, node.Heads, width);
            var heads = _file.Add("Reshape", [Value(input, layout), split]);
            return order.Length == 0 ? heads : _file.Add("Transpose", [heads], ("perm", order));
        }

        // [batch, heads, tokens, width] of queries and values, [batch, heads, width, tokens] of keys.
        var (q, k, v) = layout == Layout.Channels
            ? (Heads(node.Query, 0, 1, 3, 2), Heads(node.Key), Heads(node.Value, 0, 1, 3, 2))
            : (Heads(node.Query, 0, 2, 1, 3), Heads(node.Key, 0, 2, 3, 1), Heads(node.Value, 0, 2, 1, 3));
        var scores = _file.Add("Div", [_file.Add("MatMul", [q, k]), _file.Scalar(1 / node.Scale)]);
        var probabilities = _file.Add("Softmax", [_file.Add("Add", [scores, Mask()])], ("axis", -1L));
        var context = _file.Add("Transpose", [_file.Add("MatMul", [probabilities, v])],
            ("perm", layout == Layout.Channels ? new[] { 0L, 1, 3, 2 } : [0L, 2, 1, 3]));
        Define(node, layout,
            _file.Add(
                "Reshape", [context, layout == Layout.Channels ? _file.Integers(0, node.Width, -1) : _file.Integers(0, 0, node.Width)]));
    }

    /// <summary>[batch, 1, 1, tokens]: 0 for tokens, a large negative number for padding.</summary>
    private string Mask() => _mask ??= _file.Add("Mul", [
        _file.Add("Sub", [
            _file.Scalar(1),
            _file.Add("Cast", [_file.Add("Unsqueeze",
                [_file.Add("Unsqueeze", [_inputs["attention_mask"], _file.Integers(1)]), _file.Integers(2)])],
                ("to", (long)OnnxTensor.Float)),
        ]),
        _file.Scalar(Masked),
    ]);

    /// <summary>Some channels a branch, each channel convolved along the text on its own.</summary>
    private string Convolution(DepthwiseConvolutionNode node, string x)
    {
        var parts = node.Branches.Select(branch => _file.Add(
            "Conv",
            [
                _file.Add("Slice", [x, _file.Integers(branch.Start), _file.Integers(branch.Start + branch.Channels), _file.Integers(1)]),
                Weight(branch.Weight),
                Weight(branch.Bias),
            ],
            ("group", (long)branch.Channels),
            ("kernel_shape", new[] { (long)branch.KernelSize }),
            ("pads", new[] { branch.KernelSize / 2L, branch.KernelSize / 2L })));
        return _file.Add("Concat", [.. parts], ("axis", 1L));
    }

    /// <summary>[in, out] of weights that are put together when the model runs, as MobileBERT's decoder is.</summary>
    private string Joined(ConcatenatedColumns weight) => _file.Add(
        "Concat",
        [.. weight.Parts.Select(part => part.Transposed ? Weight(part.Parameter)
            : _file.Add("Transpose", [Weight(part.Parameter)], ("perm", new[] { 1L, 0 })))],
        ("axis", 0L));

    private string Weight(ParameterExpression expression) => expression is Parameter parameter
        ? _file.Constant(OnnxTensor.Of(parameter.Name, parameter, _source))
        : throw new NotSupportedException($"no ONNX constant for {expression.GetType().Name}");

    private static OnnxTensor Zero() => OnnxTensor.OfIntegers("zero", [0]) with { Shape = [] };

    private void Define(Node node, Layout layout, string name)
    {
        _native[node.Id] = layout;
        _values[(node.Id, layout)] = name;
    }

    private Layout Native(Node node) => _native[node.Id];

    /// <summary>A value in a layout; transposed once where it has the other.</summary>
    private string Value(Node node, Layout layout)
    {
        if (_values.TryGetValue((node.Id, layout), out var name)) return name;
        return _values[(node.Id, layout)] = _file.Add("Transpose", [_values[(node.Id, Native(node))]], ("perm", new[] { 0L, 2, 1 }));
    }
}
