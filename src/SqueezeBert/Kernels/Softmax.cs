using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels;

/// <summary>Softmax and its logarithm's denominator over rows. A row with NaN, with +∞ or with nothing but -∞ gives NaN, as in PyTorch.</summary>
internal static unsafe class Softmax
{
    /// <summary>In place over each of the rows [rows, columns]: x[i][j] = exp(x[i][j] - max) / Σ exp(x[i][j] - max).</summary>
    public static void Forward(float* x, nint stride, int rows, int columns) => Forward(InstructionSets.Selected, x, stride, rows, columns);

    /// <inheritdoc cref="Forward(float*, nint, int, int)"/>
    public static void Forward(InstructionSet set, float* x, nint stride, int rows, int columns)
    {
        ScalarSoftmax.Forward(x, stride, rows, columns);
    }

    /// <summary>result[i] = log Σⱼ exp(x[i][j]), without overflow.</summary>
    public static void LogSumExp(float* x, nint stride, int rows, int columns, float* result) =>
        LogSumExp(InstructionSets.Selected, x, stride, rows, columns, result);

    /// <inheritdoc cref="LogSumExp(float*, nint, int, int, float*)"/>
    public static void LogSumExp(InstructionSet set, float* x, nint stride, int rows, int columns, float* result)
    {
        ScalarSoftmax.LogSumExp(x, stride, rows, columns, result);
    }
}
