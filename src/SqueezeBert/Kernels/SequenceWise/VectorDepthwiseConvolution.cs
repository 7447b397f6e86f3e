using System.Runtime.CompilerServices;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.SequenceWise;

/// <summary>
/// The vector form of <see cref="DepthwiseConvolution"/>. It processes 16 channels at a time, whose filters are first transposed to
/// [kernel, 16]. The neighbours of a token are consecutive tokens, whose range advances with the token. If fewer than 16 channels remain,
/// the scalar form computes them.
/// </summary>
internal static unsafe class VectorDepthwiseConvolution
{
    private const int Lanes = LaneTail.Lanes;
    private const int MaxKernel = 1023;

    [SkipLocalsInit]
    public static void Forward<TLanes>(
        Matrix x, int* positions, float* weight, float* bias, Matrix y, int kernel)
        where TLanes : struct, ILanes<TLanes>
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(kernel, MaxKernel);
        int tokens = x.Rows, channels = x.Columns;
        var filters = stackalloc float[kernel * Lanes];
        var channel = 0;
        for (; channel <= channels - Lanes; channel += Lanes)
        {
            Packing.Transpose(weight + (channel * (nint)kernel), kernel, filters, Lanes, Lanes, kernel);
            Convolve<TLanes>(x.Data + channel, x.Stride, positions, tokens, filters, bias is null ? null : bias + channel,
                y.Data + channel, y.Stride, kernel);
        }

        if (channel < channels)
        {
            var rest = channels - channel;
            ScalarDepthwiseConvolution.Forward(
                x.TakeColumns(channel, rest), positions, weight + (channel * (nint)kernel), bias is null ? null : bias + channel,
                y.TakeColumns(channel, rest), kernel);
        }
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void Convolve<TLanes>(float* x, nint xStride, int* positions, int tokens, float* filters, float* bias, float* y,
        nint yStride, int kernel)
        where TLanes : struct, ILanes<TLanes>
    {
        int half = kernel / 2, first = 0;
        var offset = bias is null ? TLanes.Create(0f) : TLanes.Load(bias);
        for (var t = 0; t < tokens; t++)
        {
            var position = positions[t];
            while (positions[first] < position - half)
                first++;
            var sum = TLanes.Create(0f);
            for (var s = first; s < tokens && positions[s] <= position + half; s++)
                sum = TLanes.MultiplyAdd(TLanes.Load(x + (s * xStride)),
                    TLanes.Load(filters + ((positions[s] - position + half) * Lanes)), sum);
            TLanes.Store(bias is null ? sum : sum + offset, y + (t * yStride));
        }
    }

    [SkipLocalsInit]
    public static void Backward<TLanes>(
        Matrix x, int* positions, float* weight, Matrix dy, Matrix dx, float* dweight, float* dbias, int kernel)
        where TLanes : struct, ILanes<TLanes>
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(kernel, MaxKernel);
        int tokens = x.Rows, channels = x.Columns;
        var filters = stackalloc float[kernel * Lanes];
        var channel = 0;
        for (; channel <= channels - Lanes; channel += Lanes)
        {
            var filter = channel * (nint)kernel;
            if (!dx.IsNone)
            {
                Packing.Transpose(weight + filter, kernel, filters, Lanes, Lanes, kernel);
                BackwardInput<TLanes>(positions, tokens, filters, dy.Data + channel, dy.Stride, dx.Data + channel, dx.Stride, kernel);
            }

            if (dweight is not null)
            {
                Packing.Transpose(dweight + filter, kernel, filters, Lanes, Lanes, kernel);
                BackwardFilters<TLanes>(x.Data + channel, x.Stride, positions, tokens, dy.Data + channel, dy.Stride, filters, kernel);
                Packing.Transpose(filters, Lanes, dweight + filter, kernel, kernel, Lanes);
            }
        }

        if (dbias is not null)
            Elementwise.AddColumnSums(dy.TakeColumns(0, channel), dbias);
        if (channel < channels)
        {
            var rest = channels - channel;
            var filter = channel * (nint)kernel;
            ScalarDepthwiseConvolution.Backward(
                x.TakeColumns(channel, rest), positions, weight + filter, dy.TakeColumns(channel, rest), dx.TakeColumns(channel, rest),
                dweight is null ? null : dweight + filter, dbias is null ? null : dbias + channel, kernel);
        }
    }

    /// <summary>
    /// dx[s] = Σⱼ dy[token at position p(s) + kernel/2 - j]·weight[j]: the neighbours from the last to the first, so that j ascends.
    /// </summary>
    [MethodImpl(LeafKernel.Compilation)]
    private static void BackwardInput<TLanes>(int* positions, int tokens, float* filters, float* dy, nint dyStride, float* dx,
        nint dxStride, int kernel)
        where TLanes : struct, ILanes<TLanes>
    {
        int half = kernel / 2, last = 0;
        for (var s = 0; s < tokens; s++)
        {
            var position = positions[s];
            while (last < tokens - 1 && positions[last + 1] <= position + half)
                last++;
            var sum = TLanes.Create(0f);
            for (var t = last; t >= 0 && positions[t] >= position - half; t--)
                sum = TLanes.MultiplyAdd(TLanes.Load(dy + (t * dyStride)),
                    TLanes.Load(filters + ((position - positions[t] + half) * Lanes)), sum);
            TLanes.Store(sum, dx + (s * dxStride));
        }
    }

    /// <summary>filters[j] += Σₜ dy[t]·x[token at position p(t) + j - kernel/2], token after token.</summary>
    [MethodImpl(LeafKernel.Compilation)]
    private static void BackwardFilters<TLanes>(float* x, nint xStride, int* positions, int tokens, float* dy, nint dyStride,
        float* filters, int kernel)
        where TLanes : struct, ILanes<TLanes>
    {
        int half = kernel / 2, first = 0;
        for (var t = 0; t < tokens; t++)
        {
            var position = positions[t];
            while (positions[first] < position - half)
                first++;
            var gradient = TLanes.Load(dy + (t * dyStride));
            for (var s = first; s < tokens && positions[s] <= position + half; s++)
            {
                var filter = filters + ((positions[s] - position + half) * Lanes);
                TLanes.Store(TLanes.MultiplyAdd(gradient, TLanes.Load(x + (s * xStride)), TLanes.Load(filter)), filter);
            }
        }
    }
}
