using SqueezeBert.ModelFolders.Onnx.Format;
using SqueezeBert.ModelFolders.Onnx.Layers;

namespace SqueezeBert.ModelFolders.Onnx.Operators;

/// <summary>Maps the names of operators to their implementations.</summary>
internal static class OperatorTable
{
    /// <summary>Returns the value of the first output. It is unknown if the operator is not supported, or not with these inputs.</summary>
    public static OnnxValue Apply(OperatorCall c)
    {
        var handler = c.Node.IsStandard ? Standard(c.Node) : c.Node.Domain == "com.microsoft" ? Fused(c.Node.Operation) : null;
        if (handler is null) return c.Unknown("no supported model has it");
        return handler(c) ?? c.Unknown("it is not used as a supported model uses it");
    }

    private static Func<OperatorCall, OnnxValue?>? Standard(OnnxNode node) => node.Operation switch
    {
        "Constant" => Constant,
        "Identity" => c => c[0],
        "Dropout" => c => c[2] is null || c.Literal(2)?.Uniform == 0 ? c[0] : null,
        "Cast" => ElementOperators.Cast,
        "CastLike" => c => c[0] is ActivationValue ? c[0] : null,
        "Shape" => ShapeOperators.Shape,
        "Size" => ShapeOperators.Size,
        "Reshape" => ShapeOperators.Reshape,
        "Unsqueeze" => ShapeOperators.Unsqueeze,
        "Squeeze" => ShapeOperators.Squeeze,
        "Flatten" => ShapeOperators.Flatten,
        "Transpose" => ShapeOperators.Transpose,
        "Expand" => c => c.AreConstant && Fold(c) is { } constant ? constant : ShapeOperators.Expand(c),
        "Gather" => ShapeOperators.Gather,
        "Slice" => ShapeOperators.Slice,
        "Split" => ShapeOperators.Split,
        "Concat" => ShapeOperators.Concat,
        "Pad" => ShapeOperators.Pad,
        "Where" => c => c.AreConstant ? Fold(c) : ElementOperators.Where(c),
        "IsNaN" => c => c.Activation(0) is { } x ? new NotANumberValue(x) : null,
        "Clip" => ElementOperators.Clip,
        "MatMul" => LayerOperators.MatMul,
        "Gemm" => LayerOperators.Gemm,
        "Conv" => LayerOperators.Conv,
        "ReduceMean" => LayerOperators.ReduceMean,
        "ReduceSum" => c => c.AreConstant ? Fold(c) : LayerOperators.ReduceSum(c),
        "LayerNormalization" => LayerOperators.LayerNormalization,
        "Softmax" => LayerOperators.Softmax,
        "Gelu" => FusedOperators.Gelu,
        "DynamicQuantizeLinear" => QuantizedOperators.DynamicQuantizeLinear,
        "QuantizeLinear" => QuantizedOperators.QuantizeLinear,
        "DequantizeLinear" => QuantizedOperators.DequantizeLinear,
        "MatMulInteger" => QuantizedOperators.MatMulInteger,
        "ConvInteger" => QuantizedOperators.ConvInteger,
        "Range" or "ConstantOfShape" or "Tile" or "ReduceProd" or "ReduceMax" or "ReduceMin" or "Mod" => Fold,
        _ when NumberFunctions.Unary(node) is { } unary => c => c.AreConstant ? Fold(c) : ElementOperators.Unary(c, unary),
        "Mul" => c => c.AreConstant ? Fold(c) : QuantizedOperators.Mul(c) ?? ElementOperators.Binary(c, (a, b) => a * b),
        _ when NumberFunctions.Binary(node) is { } binary => c => c.AreConstant ? Fold(c) : ElementOperators.Binary(c, binary),
        _ => null,
    };

    private static Func<OperatorCall, OnnxValue?>? Fused(string operation) => operation switch
    {
        "LayerNormalization" => LayerOperators.LayerNormalization,
        "SkipLayerNormalization" => FusedOperators.SkipLayerNormalization,
        "EmbedLayerNormalization" => FusedOperators.EmbedLayerNormalization,
        "Attention" => FusedOperators.Attention,
        "MultiHeadAttention" => FusedOperators.MultiHeadAttention,
        "QAttention" => QuantizedOperators.QuantizedAttention,
        "BiasGelu" => FusedOperators.BiasGelu,
        "FastGelu" => FusedOperators.FastGelu,
        "Gelu" => FusedOperators.Gelu,
        "QuickGelu" => FusedOperators.QuickGelu,
        "FusedMatMul" or "TransposeMatMul" => FusedOperators.FusedMatMul,
        "FusedGemm" => FusedOperators.FusedGemm,
        "FusedConv" => FusedOperators.FusedConv,
        "BiasSoftmax" => FusedOperators.BiasSoftmax,
        "DynamicQuantizeMatMul" => QuantizedOperators.DynamicQuantizeMatMul,
        "MatMulIntegerToFloat" => QuantizedOperators.MatMulIntegerToFloat,
        "DequantizeLinear" => QuantizedOperators.DequantizeLinear,
        "QuantizeLinear" => QuantizedOperators.QuantizeLinear,
        _ => null,
    };

    private static OnnxValue? Fold(OperatorCall c)
    {
        if (LiteralOperators.Fold(c) is { } constant) return OperatorCall.Value(constant);

        // A matrix that is multiplied by a number is still weights.
        if (c.Node.Operation is not ("Mul" or "Div") || c.InputCount != 2) return null;
        if (c.Scalar(1) is { } factor && c.Constant(0) is { } matrix)
            return OperatorCall.Value(c.Pool.Scaled(matrix, (float)(c.Node.Operation == "Mul" ? factor : 1 / factor)));
        return c.Node.Operation == "Mul" && c.Scalar(0) is { } left
            && c.Constant(1) is { } right ? OperatorCall.Value(c.Pool.Scaled(right, (float)left)) : null;
    }

    private static OnnxValue? Constant(OperatorCall c)
    {
        var attributes = c.Node.Attributes;
        if (attributes.TryGetValue("value", out var value) && value.Tensor is { } tensor) return OperatorCall.Value(tensor);
        if (attributes.TryGetValue("value_int", out value) && value.Integer is { } integer)
            return OperatorCall.Value(c.Pool.Integers([], integer));
        if (attributes.TryGetValue("value_float", out value) && value.Single is { } single)
            return OperatorCall.Value(c.Pool.Numbers([], single));
        if (attributes.TryGetValue("value_ints", out value) && value.Integers is { } integers)
            return OperatorCall.Value(c.Pool.Integers([integers.Length], integers));
        return attributes.TryGetValue("value_floats", out value) && value.Singles is { } singles
            ? OperatorCall.Value(c.Pool.Numbers([singles.Length], Array.ConvertAll(singles, number => (double)number)))
            : null;
    }
}
