using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels;

namespace SqueezeBert.ModelFolders.Quantization;

/// <summary>A parameter that is stored as integers and scales.</summary>
/// <param name="Info">The description of the dequantized tensor in float32.</param>
/// <param name="Data">The tensor of the integers.</param>
/// <param name="Scales">The tensor of the scales, one per row.</param>
/// <param name="Bits">The number of bits of an integer.</param>
/// <param name="IsPacked">Whether the integers are packed into words of 32 bits.</param>
internal sealed record QuantizedTensor(TensorInfo Info, TensorInfo Data, TensorInfo Scales, int Bits, bool IsPacked)
{
    public int Rows { get; } = (int)Info.Shape[0];

    public int Columns { get; } = (int)(Info.ElementCount / Info.Shape[0]);

    /// <summary>The form in which the rows are returned.</summary>
    public StoredForm Form => Bits == 4 ? StoredForm.Int4 : StoredForm.Int8;

    /// <summary>The number of bytes of a row in the file.</summary>
    public int StoredRowBytes => (int)(Data.ByteCount / Rows);
}
