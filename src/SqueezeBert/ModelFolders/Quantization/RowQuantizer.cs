using System.Buffers.Binary;
using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.Products.Int8;

namespace SqueezeBert.ModelFolders.Quantization;

/// <summary>
/// Converts rows of numbers to integers with one scale per row, symmetric, rounded to the nearest, ties to even. In 8 bits, the largest
/// magnitude becomes 127. It is the same rule with which the engine rounds float32 weights during loading. In 4 bits, the integers are -7
/// to 7. A row of zeros has the scale 1, because a scale of 0 in a file is considered damage.
/// </summary>
internal static class RowQuantizer
{
    private const int Int4Limit = 7;

    private static readonly float[] Int4Shares = [1f, 0.95f, 0.9f, 0.85f, 0.8f, 0.75f, 0.7f, 0.65f, 0.6f];

    /// <summary>Returns the rows of <paramref name="values"/> as integers, and their scales.</summary>
    /// <param name="values">[rows, columns].</param>
    /// <param name="columns">The number of columns, at least 1.</param>
    /// <param name="form"><see cref="StoredForm.Int8"/> or <see cref="StoredForm.Int4"/>.</param>
    /// <param name="name">The name of the tensor in the message.</param>
    /// <exception cref="ArgumentException">A value is not finite.</exception>
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

    /// <summary>
    /// Quantizes to 4 bits. With only 15 steps, a few large numbers make all others coarse. The largest magnitude may therefore be cut: of
    /// the shares in <see cref="Int4Shares"/>, the one with the smallest squared error becomes the end of the scale.
    /// </summary>
    private static float ToInt4(ReadOnlySpan<float> from, Span<byte> to)
    {
        var largest = 0f;
        foreach (var value in from)
        {
            if (!float.IsFinite(value)) return float.NaN;
            largest = MathF.Max(largest, MathF.Abs(value));
        }

        var isZero = largest < Int8Rows.Smallest;
        var end = isZero ? 0 : BestEnd(from, largest);
        var inverse = isZero ? 0 : Int4Limit / end;
        for (var start = 0; start < from.Length; start += StoredForms.Int4PerWord)
        {
            uint word = 0;
            var count = Math.Min(StoredForms.Int4PerWord, from.Length - start);
            for (var i = 0; i < count; i++)
                word |= (uint)((int)Round(from[start + i], inverse) + StoredForms.Int4Bias) << (4 * i);
            BinaryPrimitives.WriteUInt32LittleEndian(to[(start / 2)..], word);
        }

        return isZero ? 0 : end / Int4Limit;
    }

    private static float BestEnd(ReadOnlySpan<float> from, float largest)
    {
        var (best, least) = (largest, double.PositiveInfinity);
        foreach (var share in Int4Shares)
        {
            var end = share * largest;
            float inverse = Int4Limit / end, scale = end / Int4Limit;
            double error = 0;
            foreach (var value in from)
            {
                double difference = value - (scale * Round(value, inverse));
                error += difference * difference;
            }

            if (error < least) (best, least) = (end, error);
        }

        return best;
    }

    private static float Round(float value, float inverse) =>
        Math.Clamp(MathF.Round(value * inverse, MidpointRounding.ToEven), -Int4Limit, Int4Limit);
}
