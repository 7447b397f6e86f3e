using SqueezeBert.Checkpoints;

namespace SqueezeBert.ModelFolders.Onnx.Writing;

/// <summary>
/// Writes operations that need several operators, or that differ between operator sets. Without an operator in the set, norms and
/// activations are written like in PyTorch's exporter, because ONNX Runtime's optimizer recognizes these patterns.
/// </summary>
internal static class StandardOperators
{
    private const int LayerNormalizationSet = 17, GeluSet = 20;

    public static string Unsqueeze(this OnnxFile file, string x, long axis) => file.HasAxesAsInputs
        ? file.Add("Unsqueeze", [x, file.Integers(axis)]) : file.Add("Unsqueeze", [x], ("axes", new[] { axis }));

    public static string Squeeze(this OnnxFile file, string x, long axis) => file.HasAxesAsInputs
        ? file.Add("Squeeze", [x, file.Integers(axis)]) : file.Add("Squeeze", [x], ("axes", new[] { axis }));

    /// <summary>ReduceMean, ReduceSum, ReduceMax or ReduceL2 over one axis.</summary>
    public static string Reduce(this OnnxFile file, string operation, string x, long axis, bool keepsAxis)
    {
        var isInput = operation == "ReduceSum" ? file.HasAxesAsInputs : file.HasReductionAxesAsInputs;
        var keeps = ("keepdims", (object)(keepsAxis ? 1L : 0L));
        return isInput ? file.Add(operation, [x, file.Integers(axis)], keeps)
            : file.Add(operation, [x], ("axes", new[] { axis }), keeps);
    }

    public static string Cast(this OnnxFile file, string x, int elementType) => file.Add("Cast", [x], ("to", (long)elementType));

    /// <summary>Returns one size of a value, without dimensions.</summary>
    public static string Size(this OnnxFile file, string value, long axis) =>
        file.Add("Gather", [file.Add("Shape", [value]), file.Index(axis)], ("axis", 0L));

    /// <summary>(x - mean) / sqrt(variance + epsilon) * weight + bias over the last axis.</summary>
    public static string LayerNorm(this OnnxFile file, string x, string weight, string bias, float epsilon)
    {
        if (file.OperatorSet >= LayerNormalizationSet)
            return file.Add("LayerNormalization", [x, weight, bias], ("axis", -1L), ("epsilon", epsilon));
        var centered = file.Add("Sub", [x, file.Reduce("ReduceMean", x, -1, keepsAxis: true)]);
        var variance = file.Reduce("ReduceMean", file.Add("Pow", [centered, file.Scalar(2)]), -1, keepsAxis: true);
        var deviation = file.Add("Sqrt", [file.Add("Add", [variance, file.Scalar(epsilon)])]);
        return file.Add("Add", [file.Add("Mul", [file.Add("Div", [centered, deviation]), weight]), bias]);
    }

    public static string Activate(this OnnxFile file, Activation activation, string x) => activation switch
    {
        Activation.None => x,
        Activation.Gelu when file.OperatorSet >= GeluSet => file.Add("Gelu", [x]),
        Activation.Gelu => file.Add("Mul", [
            file.Add("Mul", [x, file.Add("Add", [file.Add("Erf", [file.Add("Div", [x, file.Scalar(MathF.Sqrt(2))])]), file.Scalar(1)])]),
            file.Scalar(0.5f),
        ]),
        Activation.Relu => file.Add("Relu", [x]),
        Activation.Tanh => file.Add("Tanh", [x]),
        Activation.Sigmoid => file.Add("Sigmoid", [x]),
        Activation.Silu => file.Add("Mul", [x, file.Add("Sigmoid", [x])]),
        Activation.QuickGelu => file.Add("Mul", [x, file.Add("Sigmoid", [file.Add("Mul", [x, file.Scalar(1.702f)])])]),
        Activation.GeluTanh => file.Add("Mul", [
            file.Add("Mul", [x, file.Scalar(0.5f)]),
            file.Add("Add", [file.Add("Tanh", [file.GeluArgument(x)]), file.Scalar(1)]),
        ]),
        _ => throw new UnsupportedModelException($"there is no ONNX operator for the activation {activation}"),
    };

    /// <summary>√(2/π) (x + 0.044715 x³).</summary>
    private static string GeluArgument(this OnnxFile file, string x)
    {
        var cube = file.Add("Mul", [file.Add("Pow", [x, file.Scalar(3)]), file.Scalar(0.044715f)]);
        return file.Add("Mul", [file.Add("Add", [x, cube]), file.Scalar(MathF.Sqrt(2 / MathF.PI))]);
    }
}
