using System.Runtime.CompilerServices;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.RowWise;

/// <summary>Layer norm (Ba, Kiros and Hinton, 2016) with the biased variance, as in PyTorch.</summary>
internal static unsafe class LayerNorm
{
    /// <summary>y = (x - mean)·inverseDeviation·weight + bias over each row, inverseDeviation = 1/√(variance + epsilon).</summary>
    /// <param name="x">[rows, width].</param>
    /// <param name="weight">[width].</param>
    /// <param name="bias">[width].</param>
    /// <param name="epsilon">The layer norm epsilon, which is added to the variance.</param>
    /// <param name="y">[rows, width]; may be x.</param>
    /// <param name="mean">[rows], for a backward pass, or null.</param>
    /// <param name="inverseDeviation">[rows], for a backward pass, or null.</param>
    public static void Forward(Matrix x, float* weight, float* bias, float epsilon, Matrix y, float* mean, float* inverseDeviation) =>
        Forward(InstructionSets.Selected, x, weight, bias, epsilon, y, mean, inverseDeviation);

    /// <inheritdoc cref="Forward(Matrix, float*, float*, float, Matrix, float*, float*)"/>
    public static void Forward(
        InstructionSet set, Matrix x, float* weight, float* bias, float epsilon, Matrix y, float* mean, float* inverseDeviation) =>
        InstructionSets.Run(set, new ForwardKernel(x, weight, bias, epsilon, y, mean, inverseDeviation));

    private static void Rows<TLanes>(
        Matrix x, float* weight, float* bias, float epsilon, Matrix y, float* mean, float* inverseDeviation)
        where TLanes : struct, ILanes<TLanes>
    {
        for (var row = 0; row < x.Rows; row += 4)
        {
            Group<TLanes>(
                x.Row(row), x.Stride, weight, bias, epsilon, y.Row(row), y.Stride, Math.Min(4, x.Rows - row), x.Columns,
                mean is null ? null : mean + row, inverseDeviation is null ? null : inverseDeviation + row);
        }
    }

    /// <summary>
    /// Processes four rows at the same time, because a sum is one chain of additions, and a single row would wait for each. With fewer
    /// rows, the first one replaces the missing ones. As all rows are read before any is written, it is then written several times with the
    /// same result.
    /// </summary>
    [MethodImpl(LeafKernel.Compilation)]
    private static void Group<TLanes>(
        float* x0, nint xStride, float* weight, float* bias, float epsilon, float* y0, nint yStride, int rows, int width, float* mean,
        float* inverseDeviation)
        where TLanes : struct, ILanes<TLanes>
    {
        float* x1 = rows > 1 ? x0 + xStride : x0, x2 = rows > 2 ? x0 + (2 * xStride) : x0, x3 = rows > 3 ? x0 + (3 * xStride) : x0;
        float* y1 = rows > 1 ? y0 + yStride : y0, y2 = rows > 2 ? y0 + (2 * yStride) : y0, y3 = rows > 3 ? y0 + (3 * yStride) : y0;
        int whole = width - (width % LaneTail.Lanes), rest = width - whole;

        TLanes s0 = TLanes.Create(0f), s1 = s0, s2 = s0, s3 = s0;
        for (var i = 0; i < whole; i += LaneTail.Lanes)
        {
            s0 += TLanes.Load(x0 + i);
            s1 += TLanes.Load(x1 + i);
            s2 += TLanes.Load(x2 + i);
            s3 += TLanes.Load(x3 + i);
        }

        if (rest > 0)
        {
            s0 += TLanes.LoadPartial(x0 + whole, rest, 0f);
            s1 += TLanes.LoadPartial(x1 + whole, rest, 0f);
            s2 += TLanes.LoadPartial(x2 + whole, rest, 0f);
            s3 += TLanes.LoadPartial(x3 + whole, rest, 0f);
        }

        float mean0 = TLanes.Fold(s0) / width, mean1 = TLanes.Fold(s1) / width, mean2 = TLanes.Fold(s2) / width,
            mean3 = TLanes.Fold(s3) / width;
        TLanes m0 = TLanes.Create(mean0), m1 = TLanes.Create(mean1), m2 = TLanes.Create(mean2), m3 = TLanes.Create(mean3);
        s0 = s1 = s2 = s3 = TLanes.Create(0f);
        for (var i = 0; i < whole; i += LaneTail.Lanes)
        {
            s0 = AddSquare(TLanes.Load(x0 + i) - m0, s0);
            s1 = AddSquare(TLanes.Load(x1 + i) - m1, s1);
            s2 = AddSquare(TLanes.Load(x2 + i) - m2, s2);
            s3 = AddSquare(TLanes.Load(x3 + i) - m3, s3);
        }

        // Missing elements count as the mean.
        if (rest > 0)
        {
            s0 = AddSquare(TLanes.LoadPartial(x0 + whole, rest, mean0) - m0, s0);
            s1 = AddSquare(TLanes.LoadPartial(x1 + whole, rest, mean1) - m1, s1);
            s2 = AddSquare(TLanes.LoadPartial(x2 + whole, rest, mean2) - m2, s2);
            s3 = AddSquare(TLanes.LoadPartial(x3 + whole, rest, mean3) - m3, s3);
        }

        float inverse0 = 1f / MathF.Sqrt((TLanes.Fold(s0) / width) + epsilon),
            inverse1 = 1f / MathF.Sqrt((TLanes.Fold(s1) / width) + epsilon);
        float inverse2 = 1f / MathF.Sqrt((TLanes.Fold(s2) / width) + epsilon),
            inverse3 = 1f / MathF.Sqrt((TLanes.Fold(s3) / width) + epsilon);
        TLanes f0 = TLanes.Create(inverse0), f1 = TLanes.Create(inverse1), f2 = TLanes.Create(inverse2), f3 = TLanes.Create(inverse3);
        for (var i = 0; i < whole; i += LaneTail.Lanes)
        {
            TLanes w = TLanes.Load(weight + i), b = TLanes.Load(bias + i);
            TLanes r0 = TLanes.MultiplyAdd((TLanes.Load(x0 + i) - m0) * f0, w, b),
                r1 = TLanes.MultiplyAdd((TLanes.Load(x1 + i) - m1) * f1, w, b);
            TLanes r2 = TLanes.MultiplyAdd((TLanes.Load(x2 + i) - m2) * f2, w, b),
                r3 = TLanes.MultiplyAdd((TLanes.Load(x3 + i) - m3) * f3, w, b);
            TLanes.Store(r0, y0 + i);
            TLanes.Store(r1, y1 + i);
            TLanes.Store(r2, y2 + i);
            TLanes.Store(r3, y3 + i);
        }

        if (rest > 0)
        {
            TLanes w = TLanes.LoadPartial(weight + whole, rest, 0f), b = TLanes.LoadPartial(bias + whole, rest, 0f);
            s0 = TLanes.MultiplyAdd((TLanes.LoadPartial(x0 + whole, rest, 0f) - m0) * f0, w, b);
            s1 = TLanes.MultiplyAdd((TLanes.LoadPartial(x1 + whole, rest, 0f) - m1) * f1, w, b);
            s2 = TLanes.MultiplyAdd((TLanes.LoadPartial(x2 + whole, rest, 0f) - m2) * f2, w, b);
            s3 = TLanes.MultiplyAdd((TLanes.LoadPartial(x3 + whole, rest, 0f) - m3) * f3, w, b);
            TLanes.StorePartial(s0, y0 + whole, rest);
            TLanes.StorePartial(s1, y1 + whole, rest);
            TLanes.StorePartial(s2, y2 + whole, rest);
            TLanes.StorePartial(s3, y3 + whole, rest);
        }

        if (mean is not null)
        {
            mean[0] = mean0;
            if (rows > 1) mean[1] = mean1;
            if (rows > 2) mean[2] = mean2;
            if (rows > 3) mean[3] = mean3;
        }

        if (inverseDeviation is not null)
        {
            inverseDeviation[0] = inverse0;
            if (rows > 1) inverseDeviation[1] = inverse1;
            if (rows > 2) inverseDeviation[2] = inverse2;
            if (rows > 3) inverseDeviation[3] = inverse3;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes AddSquare<TLanes>(TLanes x, TLanes sum)
        where TLanes : struct, ILanes<TLanes> => TLanes.MultiplyAdd(x, x, sum);

    private readonly struct ForwardKernel(
        Matrix x, float* weight, float* bias, float epsilon, Matrix y, float* mean, float* inverseDeviation) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => Rows<TLanes>(x, weight, bias, epsilon, y, mean, inverseDeviation);

        public void RunScalar() => ScalarNorms.LayerNorm(x, weight, bias, epsilon, y, mean, inverseDeviation);
    }
}
