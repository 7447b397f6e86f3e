using SqueezeBert.Graphs.Nodes;
using SqueezeBert.ModelFolders.Onnx.Constants;
using SqueezeBert.ModelFolders.Onnx.Format;
using SqueezeBert.ModelFolders.Onnx.Layers;

namespace SqueezeBert.ModelFolders.Onnx.Operators;

/// <summary>
/// A node with what is known about its inputs. An operator returns the value of the first output, or null if it does not support these
/// inputs.
/// </summary>
internal sealed class OperatorCall(OnnxNode node, OnnxValue?[] inputs, ConstantPool pool, LayerSet layers, OnnxBatch batch,
    long operatorSet)
{
    public OnnxNode Node => node;

    public ConstantPool Pool => pool;

    public OnnxBatch Batch => batch;

    public long OperatorSet => operatorSet;

    public int InputCount => inputs.Length;

    /// <summary>The values of the outputs after the first.</summary>
    public Dictionary<int, OnnxValue> MoreOutputs { get; } = [];

    /// <summary>An input, or null if it is omitted.</summary>
    public OnnxValue? this[int index] => index < inputs.Length ? inputs[index] : null;

    public bool AreConstant => inputs.All(input => input is null or ConstantValue) && inputs.Any(input => input is not null);

    public Constant? Constant(int index) => (this[index] as ConstantValue)?.Constant;

    /// <summary>Returns the numbers of a small constant input.</summary>
    public Literal? Literal(int index) => Constant(index) is { } constant ? pool.LiteralOf(constant) : null;

    /// <summary>Returns the integers of a small constant input.</summary>
    public long[]? Integers(int index) => Literal(index)?.Integers;

    /// <summary>Returns integers that are an attribute in older operator sets and an input in newer ones.</summary>
    public long[]? IntegersOf(string attribute, int index) => node.Integers(attribute) ?? Integers(index);

    /// <summary>Returns the same call with another first input.</summary>
    public OperatorCall WithFirst(OnnxValue first) => new(node, [first, .. inputs.Skip(1)], pool, layers, batch, operatorSet);

    public ActivationValue? Activation(int index) => this[index] as ActivationValue;

    /// <summary>Returns the only number of a constant, whatever its shape is.</summary>
    public double? Scalar(int index) => Constant(index) is { Count: 1 } constant ? pool.LiteralOf(constant)![0] : null;

    public T Add<T>(T layer)
        where T : Layer => layers.Add(layer, node);

    public UnaryLayer Add(UnaryKind kind, Layer x, double number = 0) => Add(new UnaryLayer(kind, x, number));

    public static ActivationValue Value(Layer layer, Axes axes) => new(layer, null, axes);

    public static ConstantValue Value(Constant constant) => new(constant);

    public UnknownValue Unknown(string reason) => new(node, reason);

    /// <summary>Returns the layer with its function as a separate layer. Null if no supported model has this function.</summary>
    public Layer? Settle(ActivationValue? value)
    {
        if (value is null) return null;
        if (value.Function is null) return value.Layer;
        if (value.Function.Factor is { } factor) return Scale(value.Layer, factor);
        return value.Function.Kind is { } activation ? Add(new ActivationLayer(value.Layer, activation)) : null;
    }

    public Layer Scale(Layer x, double factor)
    {
        if (x is UnaryLayer { Kind: UnaryKind.Scaled } scaled) return Scale(scaled.X, scaled.Number * factor);
        return factor == 1 ? x : Add(UnaryKind.Scaled, x, factor);
    }

    /// <summary>Returns a sum whose terms are not sums themselves. Null if it has more terms than any supported model.</summary>
    public Layer? Sum(Layer a, Layer b)
    {
        const int MaxTerms = 8;
        Layer[] terms = [.. a is SumLayer x ? x.Terms : [a], .. b is SumLayer y ? y.Terms : [b]];
        return terms.Length <= MaxTerms && a.Width == b.Width ? Add(new SumLayer(terms)) : null;
    }

    /// <summary>Returns a linear layer over the channels on an axis. The weight has the shape [out, in].</summary>
    public ActivationValue? Linear(ActivationValue? x, int axis, Constant weight, Constant? bias)
    {
        if (x is null || axis < 0 || Settle(x) is not { } layer || weight.Rank != 2 || weight.Shape[1] != layer.Width
            || !x.Axes.IsChannels(axis, layer.Width)) return null;
        if (weight.Shape[0] == 0 || (bias is not null && bias.Count != weight.Shape[0])) return null;
        return Value(
            Add(new LinearLayer(layer, weight, bias is null ? null : Vector(bias), 1, isConvolution: false)),
            x.Axes.With(axis, new AxisPart(AxisKind.Channel, weight.Shape[0])));
    }

    /// <summary>Returns a constant as a vector.</summary>
    public Constant Vector(Constant constant) => pool.Reshaped(constant, [constant.Count]);

    public Layer? Norm(Layer x, Constant? weight, Constant? bias, double epsilon) => weight?.Count == x.Width && bias?.Count == x.Width
        ? Add(new NormLayer(x, NormKind.LayerNorm, Vector(weight), Vector(bias), epsilon))
        : null;
}

/// <summary>The sizes of the batch with which the graph is interpreted: those that the file gives, and artificial ones otherwise.</summary>
/// <param name="Texts">The number of texts.</param>
/// <param name="Tokens">The number of tokens of each text.</param>
/// <param name="HasFixedTokens">Whether the file only accepts texts of this length.</param>
internal sealed record OnnxBatch(long Texts, long Tokens, bool HasFixedTokens);
