using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.Products.Int8;

namespace SqueezeBert.Inference;

/// <summary>What the engine makes of a precision.</summary>
internal static class Precisions
{
    /// <exception cref="ArgumentOutOfRangeException">There is no such precision.</exception>
    public static WeightFormat FormatOf(Precision precision) => precision switch
    {
        Precision.Float32 => WeightFormat.Float32,
        Precision.Int8 => Int8Weights.Format,
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "there is no such precision"),
    };
}
