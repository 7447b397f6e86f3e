using SqueezeBert.Graphs.Nodes;
using SqueezeBert.ModelFolders.Onnx.Constants;
using SqueezeBert.ModelFolders.Onnx.Layers;

namespace SqueezeBert.ModelFolders.Onnx.Operators;

/// <summary>
/// Element-wise operators on activations and masks. Sums, norms and activations are recognized here, whichever way an exporter wrote them.
/// </summary>
internal static class ElementOperators
{
    public static OnnxValue? Unary(OperatorCall c, Func<double, double> function) => c[0] switch
    {
        ActivationValue x => Mapped(x, function),
        MaskValue mask => mask with { Token = function(mask.Token), Padding = function(mask.Padding) },
        _ => null,
    };

    public static OnnxValue? Binary(OperatorCall c, Func<double, double, double> function) => (c[0], c[1]) switch
    {
        (ActivationValue a, ActivationValue b) => Together(c, a, b, function),
        (ActivationValue a, MaskValue mask) when c.Node.Operation == "Add" => Masked(c, a, mask),
        (MaskValue mask, ActivationValue b) when c.Node.Operation == "Add" => Masked(c, b, mask),
        (ActivationValue a, MaskValue mask) when c.Node.Operation == "Mul" => WithoutPadding(a, mask),
        (MaskValue mask, ActivationValue b) when c.Node.Operation == "Mul" => WithoutPadding(b, mask),
        (ActivationValue a, ConstantValue { Constant: var b }) => WithConstant(c, a, b, function),
        (ConstantValue { Constant: var a }, ActivationValue b) => WithConstant(c, b, a, (x, y) => function(y, x)),
        (MaskValue a, MaskValue b) => Masks(a, b, function),
        (MaskValue a, ConstantValue { Constant: var b }) =>
            c.Pool.LiteralOf(b)?.Uniform is { } number ? Mask(a, b.Shape, x => function(x, number)) : null,
        (ConstantValue { Constant: var a }, MaskValue b) =>
            c.Pool.LiteralOf(a)?.Uniform is { } number ? Mask(b, a.Shape, x => function(number, x)) : null,
        _ => null,
    };

    /// <summary>
    /// Converts types. They do not matter for activations, which are computed in float32, but they change the values of masks.
    /// </summary>
    public static OnnxValue? Cast(OperatorCall c)
    {
        if (NumberFunctions.Cast(c.Node.Integer("to", 0)) is not { } function) return null;
        return c[0] switch
        {
            MaskValue mask => mask with { Token = function(mask.Token), Padding = function(mask.Padding) },
            ConstantValue { Constant: { IsInteger: false } } when !NumberFunctions.IsIntegerType(c.Node.Integer("to", 0)) => c[0],
            ConstantValue => LiteralOperators.Fold(c) is { } constant ? OperatorCall.Value(constant) : null,
            ActivationValue when NumberFunctions.IsIntegerType(c.Node.Integer("to", 0)) => null,
            _ => c[0],
        };
    }

    public static OnnxValue? Where(OperatorCall c)
    {
        switch (c[0], c[1], c[2])
        {
            case (ConstantValue { Constant: var condition }, _, _) when c.Pool.LiteralOf(condition)?.Uniform is { } always:
                var chosen = always != 0 ? c[1] : c[2];
                return chosen?.Sizes is { } sizes
                    && LiteralOperators.BroadcastShape(sizes, condition.Shape)?.SequenceEqual(sizes) == true ? chosen : null;
            case (NotANumberValue isNaN, ConstantValue { Constant: var zero }, ActivationValue x) when isNaN.Of == x
                && c.Pool.LiteralOf(zero)?.Uniform == 0:
                return x;
            case (MaskValue mask, ActivationValue scores, ConstantValue { Constant: var filler }) when mask.Token != 0 && mask.Padding == 0:
                return c.Pool.LiteralOf(filler)?.Uniform is { } low ? Masked(c, scores, mask with { Token = 0, Padding = low }) : null;
            case (MaskValue mask, ConstantValue { Constant: var filler }, ActivationValue scores) when mask.Token == 0 && mask.Padding != 0:
                return c.Pool.LiteralOf(filler)?.Uniform is { } lowest ? Masked(c, scores, mask with { Token = 0, Padding = lowest })
                    : null;
            case (MaskValue mask, _, _):
                return Choose(c, mask);
            default:
                return null;
        }
    }

    public static OnnxValue? Clip(OperatorCall c)
    {
        var low = c[1] is null ? c.Node.Single("min", float.NegativeInfinity) : c.Scalar(1);
        var high = c[2] is null ? c.Node.Single("max", float.PositiveInfinity) : c.Scalar(2);
        return low is { } least && high is { } most ? Unary(c, x => x < least ? least : x > most ? most : x) : null;
    }

    /// <summary>Adds a vector, channel by channel: a bias, or the last step of a norm.</summary>
    public static Layer? AddVector(OperatorCall c, Layer x, Constant vector)
    {
        switch (x)
        {
            case LinearLayer { Bias: null } linear:
                return c.Add(new LinearLayer(linear.X, linear.Weight, vector, linear.Groups, linear.IsConvolution));
            case ChannelScaleLayer { X: UnaryLayer { Kind: UnaryKind.Normalized } normalized } scale:
                return c.Add(new NormLayer(normalized.X, NormKind.LayerNorm, scale.Weight, vector, normalized.Number));
            case ChannelScaleLayer scale:
                return c.Add(new NormLayer(scale.X, NormKind.NoNorm, scale.Weight, vector, 0));
            case SumLayer sum when sum.Terms.Count(term => term is LinearLayer { Bias: null }) == 1:
                // A bias that an optimizer moved behind the residual.
                return c.Add(new SumLayer([.. sum.Terms.Select(term => term is LinearLayer { Bias: null } ? AddVector(c, term, vector)!
                    : term)]));
            default:
                return null;
        }
    }

    /// <summary>Applies the mask to the scores of an attention.</summary>
    public static ActivationValue? Masked(OperatorCall c, ActivationValue scores, MaskValue mask)
    {
        if (!mask.IsAdditive || scores.Layer is not ScoresLayer layer || Factor(scores) is not { } factor) return null;
        var place = mask.Axis - mask.Shape.Length + scores.Axes.Rank;
        if (place != scores.Axes.Rank - 1 || scores.Axes[place] is not [{ Kind: AxisKind.Key }]) return null;
        if (LiteralOperators.BroadcastShape(mask.Shape, scores.Axes.Sizes)?.SequenceEqual(scores.Axes.Sizes) != true) return null;
        return OperatorCall.Value(c.Add(new MaskedScoresLayer(layer, layer.Scale * factor, isSoftmax: false)), scores.Axes);
    }

    /// <summary>Sets rows of padding to zero, which a convolution needs. Nothing changes for the tokens.</summary>
    private static ActivationValue? WithoutPadding(ActivationValue x, MaskValue mask)
    {
        var place = mask.Axis - mask.Shape.Length + x.Axes.Rank;
        if (!mask.IsPlain || place < 0 || x.Axes[place] is not [{ Kind: AxisKind.Token }]) return null;
        return LiteralOperators.BroadcastShape(mask.Shape, x.Axes.Sizes)?.SequenceEqual(x.Axes.Sizes) == true ? x : null;
    }

    /// <summary>Returns the factor of a value's function, or null for other functions.</summary>
    public static double? Factor(ActivationValue x) => x.Function is null ? 1 : x.Function.Factor;

    private static ActivationValue Mapped(ActivationValue x, Func<double, double> function)
    {
        var mapped = (x.Function ?? ElementFunction.Identity).Map(function);
        return x with { Function = mapped.Factor is { } factor && Math.Abs(factor - 1) < 1e-9 ? null : mapped };
    }

    private static MaskValue? Mask(MaskValue mask, IReadOnlyList<long> other, Func<double, double> function)
    {
        if (LiteralOperators.BroadcastShape(mask.Shape, other) is not { } shape) return null;
        return new MaskValue(function(mask.Token), function(mask.Padding), shape, mask.Axis + shape.Length - mask.Shape.Length);
    }

    private static MaskValue? Masks(MaskValue a, MaskValue b, Func<double, double, double> function)
    {
        if (a.Shape.Length - a.Axis != b.Shape.Length - b.Axis || LiteralOperators.BroadcastShape(a.Shape, b.Shape) is not { } shape)
            return null;
        return new MaskValue(function(a.Token, b.Token), function(a.Padding, b.Padding), shape, a.Axis + shape.Length - a.Shape.Length);
    }

    private static MaskValue? Choose(OperatorCall c, MaskValue condition)
    {
        var result = (MaskValue?)condition;
        for (var i = 1; i <= 2 && result is not null; i++)
        {
            var number = c[i] is ConstantValue { Constant: var constant } ? c.Pool.LiteralOf(constant)?.Uniform : null;
            var isYes = i == 1;
            result = (c[i], number) switch
            {
                ({ Sizes: { } sizes }, { } uniform) => Mask(result, sizes, x => x) is { } mask ? Put(mask, uniform, uniform) : null,
                (MaskValue other, _) => Masks(result, other, (x, _) => x) is { } mask ? Put(mask, other.Token, other.Padding) : null,
                _ => null,
            };

            MaskValue Put(MaskValue mask, double token, double padding) => mask with
            {
                Token = condition.Token != 0 == isYes ? token : mask.Token,
                Padding = condition.Padding != 0 == isYes ? padding : mask.Padding,
            };
        }

        return result;
    }

    private static OnnxValue? WithConstant(OperatorCall c, ActivationValue x, Constant constant, Func<double, double, double> function)
    {
        if (VectorAxis(x, constant) is { } axis)
        {
            if (c.Settle(x) is not { } layer) return null;
            var vector = c.Vector(constant);
            if (axis.IsTable) return AddPositions(c, layer, x.Axes, constant);
            return c.Node.Operation switch
            {
                "Add" when AddVector(c, layer, vector) is { } sum => OperatorCall.Value(sum, x.Axes),
                "Mul" => OperatorCall.Value(c.Add(new ChannelScaleLayer(layer, vector)), x.Axes),
                _ => null,
            };
        }

        if (constant.Count == 1 && x.Layer.Width == 1 && x.Layer is LinearLayer { Bias: null } && c.Node.Operation == "Add"
            && c.Settle(x) is { } single)
            return AddVector(c, single, c.Vector(constant)) is { } biased ? OperatorCall.Value(biased, x.Axes) : null;
        if (c.Pool.LiteralOf(constant)?.Uniform is not { } number) return null;
        var sizes = x.Axes.Sizes;
        return LiteralOperators.BroadcastShape(sizes, constant.Shape)?.SequenceEqual(sizes) == true
            ? Mapped(x, value => function(value, number)) : null;
    }

    /// <summary>Returns whether a constant has one number per channel or one row per token. Null if it has neither.</summary>
    private static (bool IsTable, int Axis)? VectorAxis(ActivationValue x, Constant constant)
    {
        var isTable = false;
        var found = -1;
        for (var i = 1; i <= constant.Rank; i++)
        {
            if (constant.Shape[^i] == 1) continue;
            var axis = x.Axes.Rank - i;
            if (axis < 0) return null;
            if (found < 0 && x.Axes.IsChannels(axis, x.Layer.Width) && constant.Shape[^i] == x.Layer.Width) found = axis;
            else if (found == axis + 1 && x.Axes[axis] is [{ Kind: AxisKind.Token } part]
                && part.Size == constant.Shape[^i]) isTable = true;
            else return null;
        }

        return found < 0 ? null : (isTable, found);
    }

    /// <summary>Adds position embeddings that were looked up when the file was created, which are the first rows of their table.</summary>
    private static ActivationValue? AddPositions(OperatorCall c, Layer x, Axes axes, Constant constant)
    {
        if (c.Node.Operation != "Add" || !IsEmbedding(x)) return null;
        var rows = c.Pool.Reshaped(constant, [constant.Count / x.Width, x.Width]);
        if (rows is SlicedConstant { Axis: 0, Start: 0, Of.Rank: 2 } slice) rows = slice.Of;
        else if (!c.Batch.HasFixedTokens) return null;
        return c.Sum(x, c.Add(new TableLayer(rows, EmbeddingIndex.Position))) is { } sum ? OperatorCall.Value(sum, axes) : null;
    }

    private static bool IsEmbedding(Layer x) => x is TableLayer || (x is SumLayer sum && sum.Terms.Any(term => term is TableLayer));

    private static OnnxValue? Together(OperatorCall c, ActivationValue a, ActivationValue b, Func<double, double, double> function)
    {
        if (Axes.Broadcast(a.Axes, b.Axes) is not { } axes) return null;
        if (ReferenceEquals(a.Layer, b.Layer))
        {
            var combined = ElementFunction.Combine(a.Function ?? ElementFunction.Identity, b.Function
                ?? ElementFunction.Identity, function);
            return Mapped(new ActivationValue(a.Layer, combined, axes), x => x);
        }

        var layer = c.Node.Operation switch
        {
            "Add" => c.Settle(a) is { } x && c.Settle(b) is { } y ? c.Sum(x, y) : null,
            "Sub" when b is { Function: null, Layer: UnaryLayer { Kind: UnaryKind.Mean } mean }
                && ReferenceEquals(mean.X, c.Settle(a)) => c.Add(UnaryKind.Centered, mean.X),
            "Div" => Normalized(c, a, b, isReciprocal: false),
            "Mul" => Normalized(c, a, b, isReciprocal: true) ?? Normalized(c, b, a, isReciprocal: true) ?? (Layer?)Weighted(c, a, b),
            _ => null,
        };
        return layer is null ? null : OperatorCall.Value(layer, axes);
    }

    /// <summary>Rows of a table with a factor for each token.</summary>
    private static TableLayer? Weighted(OperatorCall c, ActivationValue rows, ActivationValue factors) =>
        rows is { Function: null, Layer: TableLayer { Factors: null } table }
            && factors is { Function: null, Layer: TableLayer { Width: 1, Mapping: null, Factors: null } list } && list.Index == table.Index
            ? c.Add(new TableLayer(table.Table, table.Index, table.Mapping, c.Vector(list.Table))) : null;

    private static UnaryLayer? Normalized(OperatorCall c, ActivationValue centered, ActivationValue deviation, bool isReciprocal)
    {
        if (centered is not { Function: null, Layer: UnaryLayer { Kind: UnaryKind.Centered } x }
            || deviation.Layer is not UnaryLayer { Kind: UnaryKind.Variance } variance) return null;
        return ReferenceEquals(x.X, variance.X)
            && deviation.Function?.EpsilonOfRoot(isReciprocal) is { } epsilon ? c.Add(UnaryKind.Normalized, x.X, epsilon) : null;
    }
}
