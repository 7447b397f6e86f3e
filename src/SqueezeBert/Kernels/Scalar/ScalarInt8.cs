using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.Products.Int8;

namespace SqueezeBert.Kernels.Scalar;

/// <summary>The reference of <see cref="Int8Rows"/> and <see cref="Int8Product"/>.</summary>
internal static unsafe class ScalarInt8
{
    public static void Encode(Matrix source, EncodedRows target)
    {
        for (var row = 0; row < source.Rows; row++)
        {
            ReadOnlySpan<float> x = new(source.Row(row), source.Columns);
            Span<byte> bytes = new(target.Row(row), Int8Rows.PaddedColumns(source.Columns));
            ref var scale = ref *(float*)(target.Row(row) + bytes.Length);
            bytes.Fill(Int8Rows.Bias);
            scale = 0f;
            var largest = 0f;
            foreach (var value in x)
                largest = !float.IsFinite(value) || float.IsNaN(largest) ? float.NaN : MathF.Max(largest, MathF.Abs(value));
            if (float.IsNaN(largest))
            {
                scale = float.NaN;
            }
            else if (largest >= Int8Rows.Smallest)
            {
                scale = largest / Int8Rows.Limit;
                var inverse = Int8Rows.Limit / largest;
                for (var i = 0; i < x.Length; i++)
                    bytes[i] = (byte)(Int8Rows.Bias + (int)MathF.Round(x[i] * inverse, MidpointRounding.ToEven));
            }
        }
    }

    public static void Multiply(
        EncodedRows a, Int8Matrix b, int firstPanel, int panelCount, Matrix c, in Epilogue epilogue)
    {
        for (var panel = firstPanel; panel < firstPanel + panelCount; panel++)
        {
            (var first, var count) = b.ColumnRange(panel);
            for (var i = 0; i < a.Count; i++)
            {
                var rowScale = *(float*)(a.Row(i) + b.PaddedRows);
                for (var j = 0; j < count; j++)
                {
                    var column = (sbyte*)b.Panel(panel) + (j * Int8Rows.Quad);
                    var sum = Sum(a.Row(i), column, b.PanelWidth(panel) * Int8Rows.Quad, b.PaddedRows);
                    c.Row(i)[first + j] = Finish(sum, rowScale, b.Scales[first + j], i, first + j, epilogue);
                }
            }
        }
    }

    /// <summary>activation(float(sum)·(rowScale·scale) + bias) + residual for one element.</summary>
    public static float Finish(int sum, float rowScale, float scale, int row, int column, in Epilogue epilogue) =>
        ScalarProduct.Finish(sum * (rowScale * scale), row, column, epilogue);

    private static int Sum(byte* row, sbyte* column, int quadStride, int k)
    {
        var sum = 0;
        for (var i = 0; i < k; i++)
            sum += (row[i] - Int8Rows.Bias) * column[((nint)i / Int8Rows.Quad * quadStride) + (i % Int8Rows.Quad)];
        return sum;
    }
}
