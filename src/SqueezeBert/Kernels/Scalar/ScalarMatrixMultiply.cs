using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Kernels.Scalar;

/// <summary>The reference of <see cref="MatrixMultiply"/>: every output is one chain of fused multiply-adds over k in order.</summary>
internal static unsafe class ScalarMatrixMultiply
{
    public static void Packed(Matrix a, PackedMatrix b, int firstPanel, int panelCount, Matrix c, in Epilogue epilogue)
    {
        for (var panel = firstPanel; panel < firstPanel + panelCount; panel++)
        {
            (var first, var count) = b.ColumnRange(panel);
            var weights = b.Panel(panel);
            var width = b.PanelVectors(panel) * PackedMatrix.Lanes;
            for (var i = 0; i < a.Rows; i++)
            {
                for (var j = 0; j < count; j++)
                {
                    var sum = ScalarProduct.Chain(0f, a.Row(i), 1, weights + j, width, b.Rows);
                    c.Row(i)[first + j] = ScalarProduct.Finish(sum, i, first + j, epilogue);
                }
            }
        }
    }

    public static void Strided(Matrix a, Matrix b, Matrix c, bool accumulate)
    {
        for (var i = 0; i < c.Rows; i++)
        {
            for (var j = 0; j < c.Columns; j++)
            {
                var target = c.Row(i) + j;
                *target = ScalarProduct.Chain(accumulate ? *target : 0f, a.Row(i), 1, b.Data + j, b.Stride, b.Rows);
            }
        }
    }

    public static void AddTransposed(Matrix a, Matrix b, Matrix c, float* sums)
    {
        for (var i = 0; i < c.Rows; i++)
        {
            for (var j = 0; j < c.Columns; j++)
            {
                var target = c.Row(i) + j;
                *target = ScalarProduct.Chain(*target, a.Data + i, a.Stride, b.Data + j, b.Stride, b.Rows);
            }
        }

        if (sums is not null)
            ScalarElementwise.AddColumnSums(a, sums);
    }
}
