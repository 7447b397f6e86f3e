namespace SqueezeBert.Kernels.Scalar;

/// <summary>The reference of <see cref="Softmax"/>.</summary>
internal static unsafe class ScalarSoftmax
{
    public static void Forward(float* x, nint stride, int rows, int columns)
    {
        for (int i = 0; i < rows; i++)
        {
            float* row = x + (i * stride);
            float maximum = ScalarReductions.Maximum(row, columns);
            for (int j = 0; j < columns; j++)
                row[j] = ScalarMath.Exp(row[j] - maximum);
            float sum = ScalarReductions.Sum(row, columns);
            for (int j = 0; j < columns; j++)
                row[j] /= sum;
        }
    }

    public static void LogSumExp(float* x, nint stride, int rows, int columns, float* result)
    {
        float* lanes = stackalloc float[ScalarReductions.Lanes];
        for (int i = 0; i < rows; i++)
        {
            float* row = x + (i * stride);
            float maximum = ScalarReductions.Maximum(row, columns);
            new Span<float>(lanes, ScalarReductions.Lanes).Clear();
            for (int j = 0; j < columns; j++)
                lanes[j % ScalarReductions.Lanes] += ScalarMath.Exp(row[j] - maximum);
            result[i] = maximum + ScalarMath.Log(ScalarReductions.Fold(lanes));
        }
    }
}
