using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels;

namespace SqueezeBert.ModelFolders.Quantization;

/// <summary>Writes a tensor of numbers as integers and scales, under the names of compressed-tensors.</summary>
internal static class QuantizedTensorWriter
{
    /// <exception cref="ArgumentException">A value is not finite.</exception>
    public static void Add(SafetensorsWriter writer, NamedTensor tensor, StoredForm form)
    {
        var rows = tensor.Shape[0];
        var columns = checked((int)(tensor.Data.Length / rows));
        var (integers, scales) = RowQuantizer.Quantize(tensor.Data.Span, columns, form, tensor.Name);
        writer.Add(tensor.Name + QuantizedTensorNames.ScaleSuffix, [rows, .. tensor.Shape.Skip(1).Select(_ => 1L)], scales);
        if (form == StoredForm.Int8)
        {
            writer.AddBytes(tensor.Name, tensor.Shape, integers, TensorType.Int8);
            return;
        }

        writer.AddBytes(tensor.Name + QuantizedTensorNames.PackedSuffix, [rows, StoredForms.RowBytes(form, columns) / sizeof(uint)],
            integers, TensorType.Int32);
        writer.Add(tensor.Name + QuantizedTensorNames.ShapeSuffix, [tensor.Shape.Length], tensor.Shape.ToArray());
    }
}
