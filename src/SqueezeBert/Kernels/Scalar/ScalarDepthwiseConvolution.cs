using SqueezeBert.Kernels.SequenceWise;

namespace SqueezeBert.Kernels.Scalar;

/// <summary>The reference of <see cref="DepthwiseConvolution"/>.</summary>
internal static unsafe class ScalarDepthwiseConvolution
{
    public static void Forward(
        float* x, nint xStride, int* positions, int tokens, float* weight, float* bias, float* y, nint yStride, int channels, int kernel)
    {
        for (var t = 0; t < tokens; t++)
        {
            for (var c = 0; c < channels; c++)
            {
                var sum = 0f;
                for (var j = 0; j < kernel; j++)
                {
                    var s = Neighbour(positions, tokens, t, j - (kernel / 2));
                    if (s >= 0)
                        sum = ScalarMath.MultiplyAdd(x[(s * xStride) + c], weight[(c * (nint)kernel) + j], sum);
                }

                y[(t * yStride) + c] = bias is null ? sum : sum + bias[c];
            }
        }
    }

    public static void Backward(
        float* x, nint xStride, int* positions, int tokens, float* weight, float* dy, nint dyStride, float* dx, nint dxStride,
        float* dweight, float* dbias, int channels, int kernel)
    {
        for (var c = 0; c < channels; c++)
        {
            for (var s = 0; s < tokens && dx is not null; s++)
            {
                var sum = 0f;
                for (var j = 0; j < kernel; j++)
                {
                    var t = Neighbour(positions, tokens, s, (kernel / 2) - j);
                    if (t >= 0)
                        sum = ScalarMath.MultiplyAdd(dy[(t * dyStride) + c], weight[(c * (nint)kernel) + j], sum);
                }

                dx[(s * dxStride) + c] = sum;
            }

            for (var t = 0; t < tokens; t++)
            {
                for (var j = 0; j < kernel && dweight is not null; j++)
                {
                    var s = Neighbour(positions, tokens, t, j - (kernel / 2));
                    var sum = dweight + (c * (nint)kernel) + j;
                    if (s >= 0)
                        *sum = ScalarMath.MultiplyAdd(dy[(t * dyStride) + c], x[(s * xStride) + c], *sum);
                }

                if (dbias is not null)
                    dbias[c] += dy[(t * dyStride) + c];
            }
        }
    }

    /// <summary>The token at a position relative to that of token t, or -1.</summary>
    private static int Neighbour(int* positions, int tokens, int t, int offset)
    {
        var wanted = positions[t] + offset;
        var found = new ReadOnlySpan<int>(positions, tokens).BinarySearch(wanted);
        return found >= 0 ? found : -1;
    }
}
