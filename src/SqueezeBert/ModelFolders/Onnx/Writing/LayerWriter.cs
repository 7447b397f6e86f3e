using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.ModelFolders.Onnx.Writing;

/// <summary>
/// Writes the operations of a graph as ONNX operators, in the form in which PyTorch exports the published code. The layers of SqueezeBERT
/// are convolutions with kernel size 1 over [batch, channels, tokens], and those of BERT are products over [batch, tokens, channels].
/// </summary>
internal sealed class LayerWriter(OnnxFile file, IParameterSource source, ModelInputs inputs)
{
    private readonly Dictionary<(int Node, Layout Layout), string> _values = [];
    private readonly Dictionary<int, Layout> _native = [];
    private readonly Dictionary<Parameter, string> _transposed = [];
    private readonly EmbeddingWriter _embedding = new(file, source, inputs);
    private readonly AttentionWriter _attention = new(file, inputs);

    /// <summary>Writes an operation whose inputs have been written.</summary>
    /// <exception cref="UnsupportedModelException">There is no equivalent ONNX operator.</exception>
    public void Write(Node node)
    {
        switch (node)
        {
            case EmbedNode embed:
                // In this order ONNX Runtime's optimizer knows the sum, and its result differs by rounding at most.
                var tables = embed.Tables.OrderBy(table => table.Index).Select(_embedding.Write);
                Define(node, Layout.Tokens, tables.Aggregate((sum, table) => file.Add("Add", [sum, table])));
                break;
            case TrigramNode:
                Define(node, Layout.Tokens, Trigram(Value(node.Inputs[0], Layout.Tokens)));
                break;
            case LinearNode linear:
                Linear(linear);
                break;
            case ActivationNode activation:
                Define(node, Native(node.Inputs[0]), file.Activate(activation.Activation, Value(node.Inputs[0], Native(node.Inputs[0]))));
                break;
            case ScaleNode scale:
                Define(node, Native(node.Inputs[0]),
                    file.Add("Mul", [Value(node.Inputs[0], Native(node.Inputs[0])), file.Scalar(scale.Factor)]));
                break;
            case AddNode:
                // A norm follows, which wants the channels last.
                Define(node, Layout.Tokens,
                    file.Add("Add", [Value(node.Inputs[0], Layout.Tokens), Value(node.Inputs[1], Layout.Tokens)]));
                break;
            case NormNode norm:
                Define(node, Layout.Tokens, Norm(norm, Value(node.Inputs[0], Layout.Tokens)));
                break;
            case DropoutNode:
                Define(node, Native(node.Inputs[0]), Value(node.Inputs[0], Native(node.Inputs[0])));
                break;
            case AttentionNode attention:
                var layout = Native(attention.Query);
                Define(node, layout, _attention.Write(
                    attention, layout, Value(attention.Query, layout), Value(attention.Key, layout), Value(attention.Value, layout)));
                break;
            case SelectRowsNode { Rows: RowSet.FirstTokens }:
                Define(node, Layout.Tokens,
                    file.Add("Gather", [Value(node.Inputs[0], Layout.Tokens), file.Index(0)], ("axis", 1L)));
                break;
            case DepthwiseConvolutionNode convolution:
                Define(node, Layout.Channels, Convolution(convolution, Value(node.Inputs[0], Layout.Channels)));
                break;
            case PoolNode pool:
                var pooling = pool.Kind == PoolKind.Mean ? SentencePooling.Mean : SentencePooling.Max;
                Define(node, Layout.Tokens, PoolingWriter.Pool(file, pooling, Value(node.Inputs[0], Layout.Tokens), inputs.AttentionMask));
                break;
            case NormalizeNode:
                Define(node, Layout.Tokens, PoolingWriter.Normalize(file, Value(node.Inputs[0], Layout.Tokens)));
                break;
            case ColumnsNode columns:
                Define(node, Layout.Tokens, file.Add("Slice", [
                    Value(node.Inputs[0], Layout.Tokens),
                    file.Integers(columns.Start),
                    file.Integers(columns.Start + columns.Width),
                    file.Integers(-1),
                ]));
                break;
            default:
                throw new UnsupportedModelException($"there is no ONNX operator for {node.GetType().Name} on {node.Rows}");
        }
    }

    /// <summary>Returns a value as [batch, tokens, channels], or as [batch, channels] if it has one row per text.</summary>
    public string Value(Node node) => Value(node, Layout.Tokens);

    /// <summary>[next | current | previous] rows, zeros outside of the text.</summary>
    private string Trigram(string x)
    {
        var padded = file.Add("Pad", [x, file.Constant(OnnxTensor.OfIntegers("trigram_pads", [0, 1, 0, 0, 1, 0]))]);
        string Part(long start, long end) => file.Add("Slice", [padded, file.Integers(start), file.Integers(end), file.Integers(1)]);
        return file.Add("Concat", [Part(2, long.MaxValue), Part(1, -1), Part(0, -2)], ("axis", 2L));
    }

    private void Linear(LinearNode node)
    {
        if (node.Weight is Parameter { Shape.Count: 3 } kernel)
        {
            Define(node, Layout.Channels, file.Add(
                "Conv", [Value(node.Inputs[0], Layout.Channels), Weight(kernel), .. Biases(node)], ("group", (long)node.Groups),
                ("kernel_shape", new[] { 1L })));
        }
        else if (node.Groups != 1)
        {
            throw new UnsupportedModelException("there is no ONNX operator for a matrix in groups");
        }
        else if (node.Rows == RowSet.Tokens)
        {
            // ONNX Runtime's optimizer knows an attention by its biases being the second operand.
            var product = file.Add("MatMul", [Value(node.Inputs[0], Layout.Tokens), Transposed(node.Weight)]);
            Define(node, Layout.Tokens, node.Bias is null ? product : file.Add("Add", [product, Weight(node.Bias)]));
        }
        else
        {
            Define(node, Layout.Tokens,
                file.Add("Gemm", [Value(node.Inputs[0], Layout.Tokens), Weight(node.Weight), .. Biases(node)], ("transB", 1L)));
        }
    }

    private IEnumerable<string> Biases(LinearNode node) => node.Bias is null ? [] : [Weight(node.Bias)];

    private string Norm(NormNode norm, string x) => norm.Kind == NormKind.LayerNorm
        ? file.LayerNorm(x, Weight(norm.Weight), Weight(norm.Bias), norm.Epsilon)
        : file.Add("Add", [file.Add("Mul", [x, Weight(norm.Weight)]), Weight(norm.Bias)]);

    /// <summary>Writes a depthwise convolution, with some of the channels in each branch.</summary>
    private string Convolution(DepthwiseConvolutionNode node, string x)
    {
        // What lies beyond the end of a text is zero to its last tokens, padding too.
        var masked = file.Add("Mul", [x, inputs.Kept(axis: 1)]);
        var parts = node.Branches.Select(branch => file.Add(
            "Conv",
            [
                file.Add("Slice", [masked, file.Integers(branch.Start), file.Integers(branch.Start + branch.Channels), file.Integers(1)]),
                Weight(branch.Weight),
                Weight(branch.Bias),
            ],
            ("group", (long)branch.Channels),
            ("kernel_shape", new[] { (long)branch.KernelSize }),
            ("pads", new[] { branch.KernelSize / 2L, branch.KernelSize / 2L })));
        return file.Add("Concat", [.. parts], ("axis", 1L));
    }

    /// <summary>
    /// Returns a weight [out, in] as [in, out]. The constant is stored as in the checkpoint, under its name. Runtimes transpose it once
    /// when they fold constants.
    /// </summary>
    private string Transposed(ParameterExpression weight)
    {
        if (weight is ConcatenatedColumns columns)
        {
            return file.Add("Concat",
                [.. columns.Parts.Select(part => part.Transposed ? Weight(part.Parameter) : Transposed(part.Parameter))], ("axis", 0L));
        }

        if (weight is not Parameter parameter)
            throw new UnsupportedModelException($"there is no ONNX constant for {weight.GetType().Name}");
        if (_transposed.TryGetValue(parameter, out var name)) return name;
        return _transposed[parameter] = file.Add("Transpose", [Weight(parameter)], ("perm", new[] { 1L, 0 }));
    }

    private string Weight(ParameterExpression expression) => expression is Parameter parameter
        ? file.Constant(OnnxTensor.Of(parameter, source))
        : throw new UnsupportedModelException($"there is no ONNX constant for {expression.GetType().Name}");

    private void Define(Node node, Layout layout, string name)
    {
        _native[node.Id] = layout;
        Keep(node, layout, name);
    }

    /// <summary>
    /// Describes the sizes of a value, because they cannot all be inferred. Their names show ONNX Runtime's optimizer that both terms of a
    /// residual have the same sizes.
    /// </summary>
    private string Keep(Node node, Layout layout, string name)
    {
        file.Describe(name, OnnxTensor.Float, inputs.Sizes(node.Width, layout, node.Rows == RowSet.Tokens));
        return _values[(node.Id, layout)] = name;
    }

    private Layout Native(Node node) => _native[node.Id];

    /// <summary>Returns a value in a layout. It is transposed once if it has the other layout.</summary>
    private string Value(Node node, Layout layout)
    {
        if (_values.TryGetValue((node.Id, layout), out var name)) return name;
        return Keep(node, layout, file.Add("Transpose", [_values[(node.Id, Native(node))]], ("perm", new[] { 0L, 2, 1 })));
    }
}

/// <summary>The layout of a value with several tokens.</summary>
internal enum Layout
{
    /// <summary>[batch, tokens, channels], or [batch, channels] with one row per text.</summary>
    Tokens,

    /// <summary>[batch, channels, tokens].</summary>
    Channels,
}
