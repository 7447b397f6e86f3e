using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.Products.Int8;

namespace SqueezeBert.Inference;

/// <summary>Converts precisions to the weight formats of the engine.</summary>
internal static class Precisions
{
    /// <summary>Returns the weight format of a precision. Null means that the checkpoint decides.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such precision.</exception>
    public static WeightFormat? FormatOf(Precision precision) => precision switch
    {
        Precision.Auto => null,
        Precision.Float32 => WeightFormat.Float32,
        Precision.Int8 => Int8Weights.Format,
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "there is no such precision"),
    };

    /// <summary>Returns the precision of loaded weights.</summary>
    public static Precision Of(WeightFormat weights) => weights == Int8Weights.Format ? Precision.Int8 : Precision.Float32;
}
