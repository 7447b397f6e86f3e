namespace SqueezeBert.Onnx.Tests;

/// <summary>How an exporter, a converter or an optimizer writes a BERT.</summary>
internal sealed record BertStyle
{
    public int OperatorSet { get; init; } = 17;

    public NormStyle Norm { get; init; } = NormStyle.Operator;

    public LinearStyle Linear { get; init; } = LinearStyle.Product;

    public AttentionStyle Attention { get; init; } = AttentionStyle.Scripted;

    public EmbeddingStyle Embedding { get; init; } = EmbeddingStyle.Gathers;

    public GeluStyle Gelu { get; init; } = GeluStyle.ErrorFunction;

    public WeightStyle Weights { get; init; } = WeightStyle.Float32;
}

internal enum NormStyle
{
    /// <summary>ReduceMean, Sub, Pow, … as before operator set 17.</summary>
    Decomposed,

    /// <summary>The squares as a product, the root as a reciprocal.</summary>
    Reciprocal,

    Operator,

    /// <summary>ONNX Runtime's operator with the residual and the bias before it.</summary>
    Skip,
}

internal enum LinearStyle
{
    /// <summary>MatMul with a transposed constant under a number for a name, then Add with the bias first.</summary>
    Product,

    /// <summary>The weight as it is, transposed by a node.</summary>
    TransposeNode,

    /// <summary>Gemm on tokens that are put in one dimension with the texts.</summary>
    Flattened,

    /// <summary>ONNX Runtime's operator that transposes.</summary>
    FusedMatMul,

    /// <summary>DynamicQuantizeLinear, MatMulInteger and the scales.</summary>
    Dynamic8Bit,

    /// <summary>ONNX Runtime's operator for the same.</summary>
    DynamicQuantizeMatMul,

    /// <summary>QuantizeLinear and DequantizeLinear around both inputs, with a scale for each output.</summary>
    QuantizeDequantize,
}

internal enum AttentionStyle
{
    /// <summary>Shapes computed by Shape, Gather, Unsqueeze, Concat.</summary>
    Scripted,

    /// <summary>
    /// Scaled dot-product attention: the root of the scale on queries and keys, a Where for the mask, not-a-numbers cleared.
    /// </summary>
    ScaledDotProduct,

    /// <summary>Queries scaled and padding filled in, as DistilBERT does it.</summary>
    Filled,

    /// <summary>ONNX Runtime's operator with packed projections.</summary>
    Packed,

    /// <summary>The same with 8-bit weights.</summary>
    Packed8Bit,

    /// <summary>ONNX Runtime's operator behind separate projections.</summary>
    MultiHead,
}

internal enum EmbeddingStyle
{
    /// <summary>Positions cut from a constant.</summary>
    Gathers,

    /// <summary>Positions counted, as newer exporters do.</summary>
    Range,

    /// <summary>ONNX Runtime's operator.</summary>
    Fused,

    /// <summary>8-bit rows that are looked up and dequantized.</summary>
    Quantized,
}

internal enum GeluStyle
{
    ErrorFunction,

    /// <summary>The factors in another order.</summary>
    Reordered,

    Operator,

    /// <summary>ONNX Runtime's operator with the bias.</summary>
    BiasGelu,
}

internal enum WeightStyle
{
    Float32,

    Float16,

    BFloat16,
}
