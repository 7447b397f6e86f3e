using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.ModelFolders.Onnx.Constants;
using SqueezeBert.ModelFolders.Onnx.Layers;

namespace SqueezeBert.ModelFolders.Onnx.Operators;

/// <summary>Operators of ONNX Runtime's optimizer that replace several standard operators (domain com.microsoft).</summary>
internal static class FusedOperators
{
    public static OnnxValue? SkipLayerNormalization(OperatorCall c)
    {
        if (c.Activation(0) is not { } input || c.Activation(1) is not { } skip || Axes.Broadcast(input.Axes, skip.Axes) is not { } axes)
            return null;
        if (c.Settle(input) is not { } x || c.Settle(skip) is not { } y) return null;
        if (c[4] is not null)
        {
            if (c.Constant(4) is not { } bias || bias.Count != x.Width) return null;
            if (ElementOperators.AddVector(c, x, c.Vector(bias)) is { } biased) x = biased;
            else if (ElementOperators.AddVector(c, y, c.Vector(bias)) is { } other) y = other;
            else return null;
        }

        if (c.Sum(x, y) is not { } sum || c.Norm(sum, c.Constant(2), c.Constant(3), c.Node.Single("epsilon", 1e-12f)) is not { } norm)
            return null;
        c.MoreOutputs[3] = OperatorCall.Value(sum, axes);
        return OperatorCall.Value(norm, axes);
    }

    public static OnnxValue? EmbedLayerNormalization(OperatorCall c)
    {
        if (c[0] is not IndexValue { Index: EmbeddingIndex.TokenId, Mapping: null } ids || c.Constant(2) is not { Rank: 2 } words
            || c.Constant(3) is not { Rank: 2 } positions) return null;
        if (ids.Shape.Length != 2 || (c[1] is not null && c[1] is not IndexValue { Index: EmbeddingIndex.TokenTypeId, Mapping: null }
            && c.Literal(1)?.Uniform != 0)) return null;
        if (c[8] is not null && c[8] is not IndexValue { Index: EmbeddingIndex.Position, Mapping: null }
            && !IsCounting(c, c.Literal(8))) return null;
        Layer sum = c.Add(new TableLayer(words, EmbeddingIndex.TokenId));
        if (c[4] is not null)
        {
            if (c.Constant(4) is not { Rank: 2 } types
                || c.Sum(sum, c.Add(new TableLayer(types, EmbeddingIndex.TokenTypeId))) is not { } typed) return null;
            sum = typed;
        }

        if (c.Sum(sum, c.Add(new TableLayer(positions, EmbeddingIndex.Position))) is not { } whole) return null;
        if (c.Norm(whole, c.Constant(5), c.Constant(6), c.Node.Single("epsilon", 1e-12f)) is not { } norm) return null;
        var axes = Axes.Of(new(AxisKind.Batch, ids.Shape[0]), new(AxisKind.Token, ids.Shape[1]), new(AxisKind.Channel, norm.Width));
        c.MoreOutputs[1] = c[7] is MaskValue { IsPlain: false } ? c.Unknown("its mask is not the attention mask")
            : new MaskIndexValue([ids.Shape[0]]);
        c.MoreOutputs[2] = OperatorCall.Value(whole, axes);
        return OperatorCall.Value(norm, axes);
    }

    /// <summary>Attention whose three projections are packed side by side.</summary>
    public static OnnxValue? Attention(OperatorCall c) =>
        c.Constant(1) is { Rank: 2 } weight
        && c.Constant(2) is { } bias ? PackedAttention(c, weight, bias, maskIndex: 3, firstOther: 4) : null;

    /// <param name="c">The call. Its first input is projected.</param>
    /// <param name="weight">[in, 3 out].</param>
    /// <param name="bias">[3 out].</param>
    /// <param name="maskIndex">The index of the input that is the mask.</param>
    /// <param name="firstOther">The index from which inputs are not supported, except for an additive mask.</param>
    public static OnnxValue? PackedAttention(OperatorCall c, Constant weight, Constant bias, int maskIndex, int firstOther)
    {
        if (c.Activation(0) is not { Axes.Rank: 3 } x || x.Axes[1] is not [{ Kind: AxisKind.Token }]) return null;
        if (c.Node.Integer("unidirectional", 0) != 0 || c.Node.Integer("do_rotary", 0) != 0) return null;
        var widths = c.Node.Integers("qkv_hidden_sizes") ?? [weight.Shape[1] / 3, weight.Shape[1] / 3, weight.Shape[1] / 3];
        if (widths.Length != 3 || widths.Any(width => width < 1 || width > weight.Shape[1]) || widths.Sum() != weight.Shape[1]
            || bias.Count != weight.Shape[1] || !AreMasks(c, maskIndex, firstOther)) return null;
        var projections = new Layer[3];
        long start = 0;
        for (var i = 0; i < 3; i++)
        {
            var part = c.Pool.Transposed(c.Pool.Sliced(weight, 1, start, widths[i]));
            if (c.Linear(x, 2, part, c.Pool.Sliced(c.Vector(bias), 0, start, widths[i])) is not { } projection) return null;
            projections[i] = projection.Layer;
            start += widths[i];
        }

        return Attention(c, projections, x.Axes);
    }

    /// <summary>Attention with three given projections, whose biases may be packed.</summary>
    public static OnnxValue? MultiHeadAttention(OperatorCall c)
    {
        if (!AreMasks(c, 4, 5) || c.Node.Integer("unidirectional", 0) != 0) return null;
        var bias = c.Constant(3);
        if (c[3] is not null && bias is null) return null;
        var projections = new Layer[3];
        long start = 0;
        for (var i = 0; i < 3; i++)
        {
            if (c.Activation(i) is not { Axes.Rank: 3 } x || !x.Axes.IsSameAs(c.Activation(0)!.Axes)
                || !x.Axes.IsChannels(2, x.Layer.Width) || c.Settle(x) is not { } layer) return null;
            if (bias is not null)
            {
                if (start + layer.Width > bias.Count
                    || ElementOperators.AddVector(c, layer,
                    c.Pool.Sliced(c.Vector(bias), 0, start, layer.Width)) is not { } biased) return null;
                layer = biased;
                start += layer.Width;
            }

            projections[i] = layer;
        }

        return Attention(c, projections, c.Activation(0)!.Axes);
    }

    public static OnnxValue? BiasGelu(OperatorCall c) => Activate(c, Activation.Gelu, hasBias: true);

    public static OnnxValue? FastGelu(OperatorCall c) => Activate(c, Activation.GeluTanh, hasBias: c[1] is not null);

    public static OnnxValue? Gelu(OperatorCall c) =>
        Activate(c, c.Node.Text("approximate") == "tanh" ? Activation.GeluTanh : Activation.Gelu, hasBias: false);

    public static OnnxValue? QuickGelu(OperatorCall c) =>
        Math.Abs(c.Node.Single("alpha", 1.702f) - 1.702f) < 1e-3 ? Activate(c, Activation.QuickGelu, hasBias: false) : null;

    public static OnnxValue? FusedMatMul(OperatorCall c)
    {
        if (c.Node.Integer("transBatchA", 0) != 0 || c.Node.Integer("transBatchB", 0) != 0) return null;
        return LayerOperators.Product(c, Turned(c, 0, "transA"), Turned(c, 1, "transB"), c.Node.Single("alpha", 1));
    }

    public static OnnxValue? FusedGemm(OperatorCall c) => Activated(c, LayerOperators.Gemm(c));

    public static OnnxValue? FusedConv(OperatorCall c) => c[3] is null ? Activated(c, LayerOperators.Conv(c)) : null;

    public static OnnxValue? BiasSoftmax(OperatorCall c)
    {
        if (c.Activation(0) is not { } scores || c[1] is not MaskValue mask) return null;
        return scores.Axes.Normalize(c.Node.Integer("axis", 1)) == scores.Axes.Rank - 1
            && ElementOperators.Masked(c, scores, mask) is { } masked ? LayerOperators.Softmax(c, masked) : null;
    }

    private static OnnxValue? Activate(OperatorCall c, Activation activation, bool hasBias)
    {
        if (c.Activation(0) is not { } x || c.Settle(x) is not { } layer) return null;
        if (hasBias)
        {
            if (c.Constant(1) is not { } bias || bias.Count != layer.Width || !x.Axes.IsChannels(x.Axes.Rank - 1, layer.Width)) return null;
            if (ElementOperators.AddVector(c, layer, c.Vector(bias)) is not { } biased) return null;
            layer = biased;
        }

        return OperatorCall.Value(c.Add(new ActivationLayer(layer, activation)), x.Axes);
    }

    private static OnnxValue? Activated(OperatorCall c, OnnxValue? value)
    {
        if (value is not ActivationValue x || c.Node.Text("activation") is not { Length: > 0 } name) return value;
        Activation? activation = name switch
        {
            "Relu" => Activation.Relu,
            "Tanh" => Activation.Tanh,
            "Sigmoid" => Activation.Sigmoid,
            "Gelu" => Activation.Gelu,
            _ => null,
        };
        return activation is { } known ? OperatorCall.Value(c.Add(new ActivationLayer(x.Layer, known)), x.Axes)
            : c.Unknown($"its activation '{name}' is not supported");
    }

    private static OnnxValue? Turned(OperatorCall c, int input, string attribute)
    {
        if (c.Node.Integer(attribute, 0) == 0) return c[input];
        switch (c[input])
        {
            case ConstantValue { Constant: var constant }:
                return LayerOperators.Matrix(c, constant) is { } matrix ? OperatorCall.Value(c.Pool.Transposed(matrix)) : null;
            case ActivationValue { Axes.Rank: >= 2 } x:
                long[] order = [.. Enumerable.Range(0, x.Axes.Rank).Select(axis => (long)axis)];
                (order[^1], order[^2]) = (order[^2], order[^1]);
                return x with { Axes = x.Axes.Transpose(order)! };
            default:
                return null;
        }
    }

    private static bool IsCounting(OperatorCall c, Literal? positions)
    {
        if (positions?.Integers is not { } values || values.Length % c.Batch.Tokens != 0) return false;
        c.Pool.Charge(values.Length);
        for (var i = 0; i < values.Length; i++)
            if (values[i] != i % c.Batch.Tokens) return false;
        return true;
    }

    private static bool AreMasks(OperatorCall c, int maskIndex, int firstOther)
    {
        if (c[maskIndex] is not (null or MaskIndexValue or MaskValue { IsPlain: true, Shape.Length: 2 or 4 } or MaskValue
            {
                IsPlain: true,
                Shape.Length: 3, Axis: 2
            })) return false;
        for (var i = firstOther; i < c.InputCount; i++)
            if (c[i] is not (null or MaskValue { IsAdditive: true, Shape.Length: 4, Axis: 3 })) return false;
        return true;
    }

    private static ActivationValue? Attention(OperatorCall c, Layer[] projections, Axes axes)
    {
        var heads = c.Node.Integer("num_heads", 0);
        if (heads < 1 || heads > projections[0].Width || projections.Any(layer => layer.Width % heads != 0)
            || projections[0].Width != projections[1].Width) return null;
        var scale = (double)c.Node.Single("scale", 0);
        if (scale == 0) scale = 1 / Math.Sqrt((double)projections[0].Width / heads);
        var layer = c.Add(new AttentionLayer(projections[0], projections[1], projections[2], (int)heads, scale));
        return OperatorCall.Value(layer, axes.With(2, new AxisPart(AxisKind.Channel, layer.Width)));
    }
}
