using SqueezeBert.Graphs.Nodes;
using SqueezeBert.ModelFolders.Onnx.Constants;
using SqueezeBert.ModelFolders.Onnx.Format;

namespace SqueezeBert.ModelFolders.Onnx.Layers;

/// <summary>What is known of a value that an operator makes.</summary>
internal abstract record OnnxValue
{
    /// <summary>Sizes in the made-up batch; null where the value has no shape of interest.</summary>
    public virtual long[]? Sizes => null;
}

/// <summary>Elements that do not depend on the input.</summary>
internal sealed record ConstantValue(Constant Constant) : OnnxValue
{
    public override long[] Sizes => [.. Constant.Shape];
}

/// <summary>Token ids, token types or positions as the caller gives them.</summary>
internal sealed record IndexValue(EmbeddingIndex Index, long[] Shape) : OnnxValue
{
    /// <summary>The number of the row for each index; null: the index itself.</summary>
    public Constant? Mapping { get; init; }

    public override long[] Sizes => Shape;
}

/// <summary>Something that is computed of the attention mask element by element: one number for tokens, another for padding.</summary>
/// <param name="Token">Where the mask is 1.</param>
/// <param name="Padding">Where the mask is 0.</param>
/// <param name="Shape">Sizes.</param>
/// <param name="Axis">The axis that the mask's tokens are on.</param>
internal sealed record MaskValue(double Token, double Padding, long[] Shape, int Axis) : OnnxValue
{
    public override long[] Sizes => Shape;

    /// <summary>Whether the softmax makes nothing of padding where this is added to the scores.</summary>
    public bool IsAdditive => Token == 0 && Padding <= -1000;

    /// <summary>Whether it is the mask itself.</summary>
    public bool IsPlain => Token == 1 && Padding == 0;
}

/// <summary>The number of tokens of each text, or the like: what ONNX Runtime's attention takes in place of a mask.</summary>
internal sealed record MaskIndexValue(long[] Shape) : OnnxValue
{
    public override long[] Sizes => Shape;
}

/// <summary>A layer, laid out in axes, with a function of one number applied to every element.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Function">Null for the values as they are.</param>
/// <param name="Axes">How it is laid out.</param>
internal sealed record ActivationValue(Layer Layer, ElementFunction? Function, Axes Axes) : OnnxValue
{
    public override long[] Sizes => Axes.Sizes;
}

/// <summary>Which elements are not numbers: newer exports clear the softmax of a row of padding with it.</summary>
internal sealed record NotANumberValue(ActivationValue Of) : OnnxValue
{
    public override long[] Sizes => Of.Axes.Sizes;
}

/// <summary>Activations as 8-bit integers, from DynamicQuantizeLinear or QuantizeLinear.</summary>
internal sealed record QuantizedValue(ActivationValue Of) : OnnxValue
{
    public override long[] Sizes => Of.Axes.Sizes;
}

/// <summary>The scale of activations that are quantized dynamically, perhaps times that of weights.</summary>
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
/// <param name="Weight">Integers as stored.</param>
/// <param name="Zero">Their zero point.</param>
/// <param name="Axis">The axis that scales may go by.</param>
/// <param name="Finish">From the dequantized weights to the product.</param>
internal sealed record IntegerWeights(Constant Weight, Constant? Zero, int Axis, Func<Constant, OnnxValue> Finish);

/// <summary>A value that no supported model has. It matters only if an output depends on it.</summary>
internal sealed record UnknownValue(OnnxNode? Node, string Reason) : OnnxValue;
