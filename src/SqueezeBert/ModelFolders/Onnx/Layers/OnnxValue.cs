using SqueezeBert.Graphs.Nodes;
using SqueezeBert.ModelFolders.Onnx.Constants;
using SqueezeBert.ModelFolders.Onnx.Format;

namespace SqueezeBert.ModelFolders.Onnx.Layers;

/// <summary>What is known about a value that an operator computes.</summary>
internal abstract record OnnxValue
{
    /// <summary>The sizes in the artificial batch, or null if the shape does not matter.</summary>
    public virtual long[]? Sizes => null;
}

/// <summary>A value that does not depend on the input.</summary>
internal sealed record ConstantValue(Constant Constant) : OnnxValue
{
    public override long[] Sizes => [.. Constant.Shape];
}

/// <summary>Token ids, token type ids or positions, as the caller gives them.</summary>
internal sealed record IndexValue(EmbeddingIndex Index, long[] Shape) : OnnxValue
{
    /// <summary>The row number for each index. Null means the index itself.</summary>
    public Constant? Mapping { get; init; }

    public override long[] Sizes => Shape;
}

/// <summary>A value that is computed element by element from the attention mask: one number for tokens and another for padding.</summary>
/// <param name="Token">The number where the mask is 1.</param>
/// <param name="Padding">The number where the mask is 0.</param>
/// <param name="Shape">Sizes.</param>
/// <param name="Axis">The axis of the mask's tokens.</param>
internal sealed record MaskValue(double Token, double Padding, long[] Shape, int Axis) : OnnxValue
{
    public override long[] Sizes => Shape;

    /// <summary>Whether adding it to the scores makes the softmax ignore padding.</summary>
    public bool IsAdditive => Token == 0 && Padding <= -1000;

    /// <summary>Whether it is the attention mask itself.</summary>
    public bool IsPlain => Token == 1 && Padding == 0;
}

/// <summary>The number of tokens of each text or a similar value, which ONNX Runtime's attention takes instead of a mask.</summary>
internal sealed record MaskIndexValue(long[] Shape) : OnnxValue
{
    public override long[] Sizes => Shape;
}

/// <summary>A layer laid out in axes, with a function of one number that is applied to every element.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Function">The function, or null for the unchanged values.</param>
/// <param name="Axes">The layout.</param>
internal sealed record ActivationValue(Layer Layer, ElementFunction? Function, Axes Axes) : OnnxValue
{
    public override long[] Sizes => Axes.Sizes;
}

/// <summary>Whether each element is NaN. Newer exports use it to clear the softmax of a row of padding.</summary>
internal sealed record NotANumberValue(ActivationValue Of) : OnnxValue
{
    public override long[] Sizes => Of.Axes.Sizes;
}

/// <summary>Activations as 8-bit integers, from DynamicQuantizeLinear or QuantizeLinear.</summary>
internal sealed record QuantizedValue(ActivationValue Of) : OnnxValue
{
    public override long[] Sizes => Of.Axes.Sizes;
}

/// <summary>The scale of activations that are quantized dynamically, possibly multiplied by that of weights.</summary>
internal sealed record QuantizationScale(Constant? WeightScale) : OnnxValue
{
    public override long[] Sizes => [];
}

internal sealed record QuantizationZero : OnnxValue
{
    public override long[] Sizes => [];
}

/// <summary>A product of quantized activations and weights that is not yet multiplied by both of their scales.</summary>
internal sealed record IntegerProduct(IntegerWeights Weights, bool HasInputScale, Constant? WeightScale) : OnnxValue;

/// <summary>The quantized weights of a product.</summary>
/// <param name="Weight">The integers as they are stored.</param>
/// <param name="Zero">The zero point.</param>
/// <param name="Axis">The axis that has one scale per index.</param>
/// <param name="Finish">Computes the product from the dequantized weights.</param>
internal sealed record IntegerWeights(Constant Weight, Constant? Zero, int Axis, Func<Constant, OnnxValue> Finish);

/// <summary>A value that no supported model computes. It matters only if an output depends on it.</summary>
internal sealed record UnknownValue(OnnxNode? Node, string Reason) : OnnxValue;
