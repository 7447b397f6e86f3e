using SqueezeBert.ModelFolders.Onnx.Constants;
using SqueezeBert.ModelFolders.Onnx.Layers;

namespace SqueezeBert.ModelFolders.Onnx.Operators;

/// <summary>Products, convolutions, means, norms and softmax of the standard operator set.</summary>
internal static class LayerOperators
{
    /// <summary>A linear layer, or the scores or the context of an attention.</summary>
    public static OnnxValue? MatMul(OperatorCall c) => Product(c, c[0], c[1], 1);

    /// <param name="c">The call.</param>
    /// <param name="left">Left operand.</param>
    /// <param name="right">Right operand.</param>
    /// <param name="alpha">Factor of the product.</param>
    public static OnnxValue? Product(OperatorCall c, OnnxValue? left, OnnxValue? right, double alpha)
    {
        if (left is not ActivationValue x) return null;
        if (right is ConstantValue { Constant: var weight })
            return Matrix(c, weight) is { } matrix
                ? c.Linear(x, x.Axes.Rank - 1, c.Pool.Scaled(c.Pool.Transposed(matrix), (float)alpha), null) : null;
        return right is ActivationValue y ? x.Layer is MaskedScoresLayer { IsSoftmax: true } ? Context(c, x, y, alpha)
            : Scores(c, x, y, alpha) : null;
    }

    /// <summary>Returns a constant as a matrix, ignoring leading sizes of 1.</summary>
    public static Constant? Matrix(OperatorCall c, Constant weight)
    {
        if (weight.Rank < 2 || weight.Shape.Take(weight.Rank - 2).Any(size => size != 1)) return null;
        return weight.Rank == 2 ? weight : c.Pool.Reshaped(weight, [weight.Shape[^2], weight.Shape[^1]]);
    }

    public static OnnxValue? Gemm(OperatorCall c)
    {
        if (c.Activation(0) is not { } x || c.Constant(1) is not { Rank: 2 } weight || c.Node.Integer("transA", 0) != 0) return null;
        if (c.Node.Integer("transB", 0) == 0) weight = c.Pool.Transposed(weight);
        var bias = c.Constant(2);
        if (c[2] is not null && bias is null) return null;
        if (bias is not null) bias = c.Pool.Scaled(bias, c.Node.Single("beta", 1));
        return c.Linear(x, x.Axes.Rank - 1, c.Pool.Scaled(weight, c.Node.Single("alpha", 1)), bias);
    }

    public static OnnxValue? Conv(OperatorCall c) => c.Constant(1) is { } weight ? Convolution(c, weight, c[2]) : null;

    /// <summary>A convolution with kernel size 1, which is a linear layer with groups, or a depthwise convolution along the text.</summary>
    public static OnnxValue? Convolution(OperatorCall c, Constant weight, OnnxValue? biasValue)
    {
        if (c.Activation(0) is not { } x || x.Axes.Rank < 3 || weight.Rank != x.Axes.Rank || c.Settle(x) is not { } layer
            || !x.Axes.IsChannels(1, layer.Width)) return null;
        var bias = (biasValue as ConstantValue)?.Constant;
        if ((biasValue is not null && bias is null) || (bias is not null && bias.Count != weight.Shape[0])) return null;
        var groups = c.Node.Integer("group", 1);
        if (groups < 1 || layer.Width % groups != 0 || weight.Shape[1] != layer.Width / groups || weight.Shape[0] == 0
            || weight.Shape[0] % groups != 0) return null;
        if (!IsOnes(c, "strides") || !IsOnes(c, "dilations") || (c.Node.Text("auto_pad") ?? "NOTSET") != "NOTSET") return null;
        var pads = c.Node.Integers("pads") ?? new long[2 * (x.Axes.Rank - 2)];
        if (weight.Shape.Skip(2).All(size => size == 1))
        {
            if (pads.Any(pad => pad != 0)) return null;
            var matrix = c.Pool.Reshaped(weight, [weight.Shape[0], weight.Shape[1]]);
            return OperatorCall.Value(
                c.Add(new LinearLayer(layer, matrix, bias is null ? null : c.Vector(bias), (int)groups, isConvolution: true)),
                x.Axes.With(1, new AxisPart(AxisKind.Channel, weight.Shape[0])));
        }

        if (x.Axes.Rank != 3 || bias is null || x.Axes[2] is not [{ Kind: AxisKind.Token }] || groups != layer.Width
            || weight.Shape[0] != layer.Width) return null;
        var reach = weight.Shape[2] / 2;
        if (weight.Shape[2] % 2 == 0 || pads is not [var before, var after] || before != reach || after != reach) return null;
        return OperatorCall.Value(c.Add(new DepthwiseLayer(layer, weight, c.Vector(bias))), x.Axes);
    }

    /// <summary>Means over the channels. The mean of squares of a centered row is its variance.</summary>
    public static OnnxValue? ReduceMean(OperatorCall c)
    {
        if (c.Activation(0) is not { } x || c.IntegersOf("axes", 1) is not [var over] || c.Node.Integer("keepdims", 1) == 0) return null;
        var axis = x.Axes.Normalize(over);
        if (axis < 0 || x.Layer.Width == 1 || !x.Axes.IsChannels(axis, x.Layer.Width)) return null;
        var isVariance = x.Function?.IsSquare == true && x.Layer is UnaryLayer { Kind: UnaryKind.Centered };
        var layer = isVariance ? ((UnaryLayer)x.Layer).X : c.Settle(x);
        if (layer is null) return null;
        var mean = c.Add(isVariance ? UnaryKind.Variance : UnaryKind.Mean, layer);
        return OperatorCall.Value(mean, x.Axes.With(axis, new AxisPart(AxisKind.Channel, 1)));
    }

    /// <summary>Counts the tokens of each text, which ONNX Runtime's fused attention takes.</summary>
    public static OnnxValue? ReduceSum(OperatorCall c) =>
        c[0] is MaskValue { IsPlain: true, Shape.Length: 2, Axis: 1 } mask && c.IntegersOf("axes", 1) is [1 or -1]
        ? new MaskIndexValue([mask.Shape[0]])
        : null;

    public static OnnxValue? LayerNormalization(OperatorCall c)
    {
        if (c.Activation(0) is not { } x || c.Settle(x) is not { } layer) return null;
        var axis = x.Axes.Normalize(c.Node.Integer("axis", -1));
        if (axis != x.Axes.Rank - 1 || !x.Axes.IsChannels(axis, layer.Width)) return null;
        return c.Norm(layer, c.Constant(1), c.Constant(2), c.Node.Single("epsilon", 1e-5f)) is { } norm ? OperatorCall.Value(norm, x.Axes)
            : null;
    }

    public static OnnxValue? Softmax(OperatorCall c)
    {
        if (c.Activation(0) is not { } x) return null;
        var axis = x.Axes.Normalize(c.Node.Integer("axis", c.OperatorSet < 13 ? 1 : -1));
        if (axis != x.Axes.Rank - 1) return null;
        return Softmax(c, x);
    }

    public static OnnxValue? Softmax(OperatorCall c, ActivationValue x)
    {
        if (x.Axes[x.Axes.Rank - 1] is not [{ Kind: AxisKind.Key }]) return null;
        return x.Layer switch
        {
            MaskedScoresLayer { IsSoftmax: false } masked when x.Function is null =>
                OperatorCall.Value(c.Add(new MaskedScoresLayer(masked.Scores, masked.Scale, isSoftmax: true)), x.Axes),
            ScoresLayer scores when ElementOperators.Factor(x) is { } factor =>
                OperatorCall.Value(c.Add(new MaskedScoresLayer(scores, scores.Scale * factor, isSoftmax: true)), x.Axes),
            _ => null,
        };
    }

    private static bool IsOnes(OperatorCall c, string attribute) => c.Node.Integers(attribute)?.All(value => value == 1) ?? true;

    /// <summary>q [.., tokens, width] times k [.., width, tokens].</summary>
    private static ActivationValue? Scores(OperatorCall c, ActivationValue q, ActivationValue k, double alpha)
    {
        var rank = q.Axes.Rank;
        if (rank < 3 || k.Axes.Rank != rank || !HaveSameLead(q.Axes, k.Axes)) return null;
        if (q.Axes[rank - 2] is not [{ Kind: AxisKind.Token } tokens] || k.Axes[rank - 1] is not [{ Kind: AxisKind.Token } keys]
            || tokens != keys) return null;
        if (!q.Axes[rank - 1].SequenceEqual(k.Axes[rank - 2])) return null;
        if (HeadsOf(q) is not { } heads || HeadsOf(k) != heads || Unscaled(c, q) is not { } query || Unscaled(c, k) is not { } key)
            return null;
        var layer = c.Add(new ScoresLayer(query.Layer, key.Layer, heads, query.Factor * key.Factor * alpha));
        return OperatorCall.Value(layer, q.Axes.With(rank - 1, new AxisPart(AxisKind.Key, keys.Size)));
    }

    /// <summary>The probabilities [.., tokens, keys] times v [.., tokens, width].</summary>
    private static ActivationValue? Context(OperatorCall c, ActivationValue probabilities, ActivationValue v, double alpha)
    {
        var (rank, softmax) = (v.Axes.Rank, (MaskedScoresLayer)probabilities.Layer);
        if (alpha != 1 || probabilities.Function is not null || rank < 3 || probabilities.Axes.Rank != rank
            || !HaveSameLead(probabilities.Axes, v.Axes)) return null;
        if (v.Axes[rank - 2] is not [{ Kind: AxisKind.Token } tokens] || probabilities.Axes[rank - 1] is not [{ Kind: AxisKind.Key } keys]
            || tokens.Size != keys.Size) return null;
        if (HeadsOf(v) != softmax.Scores.Heads || v.Axes[rank - 1] is not [var width] || c.Settle(v) is not { } value) return null;
        var layer = c.Add(new AttentionLayer(softmax.Scores.Query, softmax.Scores.KeyLayer, value, softmax.Scores.Heads, softmax.Scale));
        return OperatorCall.Value(layer, probabilities.Axes.With(rank - 1, width));
    }

    private static bool HaveSameLead(Axes a, Axes b) => Enumerable.Range(0, a.Rank - 2).All(axis => a[axis].SequenceEqual(b[axis]));

    /// <summary>Returns the number of heads that a value's channels are split into. Null if they are neither whole nor split.</summary>
    private static int? HeadsOf(ActivationValue x)
    {
        if (x.Axes.Find(AxisKind.Channel) >= 0) return 1;
        var width = x.Axes.Find(AxisKind.HeadChannel);
        if (width < 0 || !x.Axes.Has(AxisKind.Head)) return null;
        return (int)(x.Layer.Width / x.Axes[width][0].Size);
    }

    private static (Layer Layer, double Factor)? Unscaled(OperatorCall c, ActivationValue x)
    {
        if (ElementOperators.Factor(x) is { } factor)
            return x.Layer is UnaryLayer { Kind: UnaryKind.Scaled } scaled ? (scaled.X, factor * scaled.Number) : (x.Layer, factor);
        return c.Settle(x) is { } layer ? (layer, 1) : null;
    }
}
