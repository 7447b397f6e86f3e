using System.Buffers.Binary;
using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.Products.Int8;

namespace SqueezeBert.ModelFolders.Quantization;

/// <summary>
/// Rows of numbers as integers with one scale a row: symmetric, the largest magnitude becomes 127 or 7, rounded to the nearest, ties to
/// even. In 8 bits it is the rule by which the engine rounds weights of float32 when it loads them. A row of zeros has the scale 1, as a
/// scale of 0 in a file is taken for damage.
/// </summary>
internal static class RowQuantizer
{
    private const int Int4Limit = 7;

    /// <summary>The rows of <paramref name="values"/> and their scales.</summary>
    /// <param name="values">[rows, columns].</param>
    /// <param name="columns">At least 1.</param>
    /// <param name="form"><see cref="StoredForm.Int8"/> or <see cref="StoredForm.Int4"/>.</param>
    /// <param name="name">The tensor, for the message.</param>
    /// <exception cref="ArgumentException">A number is not finite.</exception>
    public static (byte[] Rows, float[] Scales) Quantize(ReadOnlySpan<float> values, int columns, StoredForm form, string name)
    {
        var rows = values.Length / columns;
        var rowBytes = checked((int)StoredForms.RowBytes(form, columns));
        var (bytes, scales) = (new byte[checked(rows * rowBytes)], new float[rows]);
        var encoded = form == StoredForm.Int8 ? new byte[Int8Rows.Format.ByteCount(columns)] : [];
        for (var row = 0; row < rows; row++)
        {
            var from = values.Slice(row * columns, columns);
            var to = bytes.AsSpan(row * rowBytes, rowBytes);
            var scale = form == StoredForm.Int8 ? ToInt8(from, encoded, to) : ToInt4(from, to);
            if (float.IsNaN(scale)) throw new ArgumentException($"tensor '{name}': row {row} has a number that is not finite", name);
            scales[row] = scale == 0 ? 1 : scale;
        }

        return (bytes, scales);
    }

    private static unsafe float ToInt8(ReadOnlySpan<float> from, byte[] encoded, Span<byte> to)
    {
        fixed (float* source = from)
        fixed (byte* target = encoded)
        {
            Int8Rows.Format.Encode(new Matrix(source, 1, from.Length), new EncodedRows(target, encoded.Length, 1));
        }

        for (var i = 0; i < to.Length; i++) to[i] = (byte)(encoded[i] - Int8Rows.Bias);
        return BitConverter.ToSingle(encoded, Int8Rows.PaddedColumns(from.Length));
    }

    private static float ToInt4(ReadOnlySpan<float> from, Span<byte> to)
    {
        var largest = 0f;
        foreach (var value in from)
        {
            if (!float.IsFinite(value)) return float.NaN;
            largest = MathF.Max(largest, MathF.Abs(value));
        }

        var isZero = largest < Int8Rows.Smallest;
        var inverse = isZero ? 0 : Int4Limit / largest;
        for (var start = 0; start < from.Length; start += StoredForms.Int4PerWord)
        {
            uint word = 0;
            var count = Math.Min(StoredForms.Int4PerWord, from.Length - start);
            for (var i = 0; i < count; i++)
            {
                var number = (int)MathF.Round(from[start + i] * inverse, MidpointRounding.ToEven);
                word |= (uint)(number + StoredForms.Int4Bias) << (4 * i);
            }

            BinaryPrimitives.WriteUInt32LittleEndian(to[(start / 2)..], word);
        }

        return isZero ? 0 : largest / Int4Limit;
    }
}
