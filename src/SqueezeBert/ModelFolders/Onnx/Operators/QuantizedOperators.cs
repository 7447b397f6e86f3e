using SqueezeBert.ModelFolders.Onnx.Layers;

namespace SqueezeBert.ModelFolders.Onnx.Operators;

/// <summary>Operators of 8-bit files. Weights are converted to float32 numbers, and the quantization of activations is ignored.</summary>
internal static class QuantizedOperators
{
    public static OnnxValue? DynamicQuantizeLinear(OperatorCall c)
    {
        if (c.Activation(0) is not { } x) return null;
        c.MoreOutputs[1] = new QuantizationScale(WeightScale: null);
        c.MoreOutputs[2] = new QuantizationZero();
        return new QuantizedValue(x);
    }

    public static OnnxValue? QuantizeLinear(OperatorCall c) => c.Activation(0) is { } x ? new QuantizedValue(x) : null;

    public static OnnxValue? DequantizeLinear(OperatorCall c)
    {
        if (c.Node.Integer("block_size", 0) != 0) return null;
        switch (c[0])
        {
            case QuantizedValue quantized:
                return quantized.Of;
            case ConstantValue { Constant: var weight } when c.Constant(1) is { } scale && (c[2] is null || c.Constant(2) is not null):
                return c.Pool.Dequantized(weight, scale, c.Constant(2), (int)Math.Clamp(c.Node.Integer("axis", 1), -16, 16) is var axis
                    && scale.Count == 1 ? 0 : axis) is { } constant
                    ? OperatorCall.Value(constant)
                    : null;
            case ActivationValue { Layer: TableLayer table, Function: null } rows when c.Constant(1) is { Count: 1 } scale
                && (c[2] is null || c.Constant(2) is { Count: 1 }):
                // Rows of integers were looked up, and become numbers afterwards.
                return c.Pool.Dequantized(table.Table, scale, c.Constant(2), 0) is { } numbers
                    ? OperatorCall.Value(c.Add(new TableLayer(numbers, table.Index)), rows.Axes) : null;
            default:
                return null;
        }
    }

    public static OnnxValue? MatMulInteger(OperatorCall c)
    {
        if (c[0] is not QuantizedValue { Of: var x } || c.Constant(1) is not { } weight
            || LayerOperators.Matrix(c, weight) is not { } matrix || !IsInputZero(c, 2)) return null;
        if (c[3] is not null && c.Constant(3) is null) return null;
        return new IntegerProduct(new IntegerWeights(matrix, c.Constant(3), 1, numbers =>
            LayerOperators.Product(c, x, OperatorCall.Value(numbers), 1) ?? c.Unknown("its inputs do not fit")), false, null);
    }

    public static OnnxValue? ConvInteger(OperatorCall c)
    {
        if (c[0] is not QuantizedValue { Of: var x } || c.Constant(1) is not { } weight || !IsInputZero(c, 2)
            || (c[3] is not null && c.Constant(3) is null)) return null;
        return new IntegerProduct(
            new IntegerWeights(weight, c.Constant(3), 0, numbers => LayerOperators.Convolution(c.WithFirst(x), numbers, null)
                ?? c.Unknown("its inputs do not fit")), false, null);
    }

    /// <summary>A product of integers times the scales of its inputs, together or one after the other. Null for other products.</summary>
    public static OnnxValue? Mul(OperatorCall c) => Mul(c, c[0], c[1]) ?? Mul(c, c[1], c[0]);

    /// <summary>DynamicQuantizeLinear, MatMulInteger, the scales and the bias in one operator.</summary>
    public static OnnxValue? DynamicQuantizeMatMul(OperatorCall c) => Scaled(c, c.Activation(0), 1, 2, 3, 4);

    public static OnnxValue? MatMulIntegerToFloat(OperatorCall c) =>
        c[2] is QuantizationScale { WeightScale: null } ? Scaled(c, (c[0] as QuantizedValue)?.Of, 1, 3, 5, 6) : null;

    public static OnnxValue? QuantizedAttention(OperatorCall c)
    {
        if (c[0] is not QuantizedValue { Of: var x } || c.Constant(1) is not { Rank: 2 } weight || c.Constant(2) is not { } bias
            || c.Constant(4) is not { } scale) return null;
        if (c[3] is not QuantizationScale || !IsInputZero(c, 6) || (c[7] is not null && c.Constant(7) is null)) return null;
        return c.Pool.Dequantized(weight, scale, c.Constant(7), 1) is { } numbers
            ? FusedOperators.PackedAttention(c.WithFirst(x), numbers, bias, maskIndex: 5, firstOther: 8) : null;
    }

    private static OnnxValue? Scaled(OperatorCall c, ActivationValue? x, int weightInput, int scaleInput, int zeroInput, int biasInput)
    {
        if (x is null || c.Constant(weightInput) is not { } weight || LayerOperators.Matrix(c, weight) is not { } matrix
            || c.Constant(scaleInput) is not { } scale) return null;
        if ((c[zeroInput] is not null && c.Constant(zeroInput) is null) || (c[biasInput] is not null && c.Constant(biasInput) is null))
            return null;
        return c.Pool.Dequantized(matrix, scale, c.Constant(zeroInput), 1) is { } numbers
            ? c.Linear(x, x.Axes.Rank - 1, c.Pool.Transposed(numbers), c.Constant(biasInput)) : null;
    }

    private static OnnxValue? Mul(OperatorCall c, OnnxValue? a, OnnxValue? b) => (a, b) switch
    {
        (QuantizationScale { WeightScale: null }, ConstantValue { Constant: var scale }) => new QuantizationScale(scale),
        (IntegerProduct { HasInputScale: false } product, QuantizationScale scale) when product.WeightScale is null
            || scale.WeightScale is null =>
            Finished(c, product with { HasInputScale = true, WeightScale = product.WeightScale ?? scale.WeightScale }),
        (IntegerProduct { WeightScale: null } product, ConstantValue { Constant: var scale }) =>
            Finished(c, product with { WeightScale = scale }),
        _ => null,
    };

    private static OnnxValue? Finished(OperatorCall c, IntegerProduct product)
    {
        if (!product.HasInputScale || product.WeightScale is not { } scale) return product;
        var weights = product.Weights;
        return c.Pool.Dequantized(weights.Weight, scale, weights.Zero, weights.Axis) is { } numbers ? weights.Finish(numbers) : null;
    }

    private static bool IsInputZero(OperatorCall c, int input) => c[input] is null or QuantizationZero or ConstantValue;
}
