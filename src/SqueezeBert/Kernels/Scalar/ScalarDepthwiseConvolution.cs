using SqueezeBert.Kernels.SequenceWise;

namespace SqueezeBert.Kernels.Scalar;

/// <summary>The reference of <see cref="DepthwiseConvolution"/>.</summary>
internal static unsafe class ScalarDepthwiseConvolution
{
    public static void Forward(
        Matrix x, int* positions, float* weight, float* bias, Matrix y, int kernel)
    {
        var tokens = x.Rows;
        for (var t = 0; t < tokens; t++)
        {
            for (var c = 0; c < x.Columns; c++)
            {
                var sum = 0f;
                for (var j = 0; j < kernel; j++)
                {
                    var s = Neighbour(positions, tokens, t, j - (kernel / 2));
                    if (s >= 0)
                        sum = ScalarMath.MultiplyAdd(x.Row(s)[c], weight[(c * (nint)kernel) + j], sum);
                }

                y.Row(t)[c] = bias is null ? sum : sum + bias[c];
            }
        }
    }

    public static void Backward(
        Matrix x, int* positions, float* weight, Matrix dy, Matrix dx, float* dweight, float* dbias, int kernel)
    {
        var tokens = x.Rows;
        for (var c = 0; c < x.Columns; c++)
        {
            for (var s = 0; s < tokens && !dx.IsNone; s++)
            {
                var sum = 0f;
                for (var j = 0; j < kernel; j++)
                {
                    var t = Neighbour(positions, tokens, s, (kernel / 2) - j);
                    if (t >= 0)
                        sum = ScalarMath.MultiplyAdd(dy.Row(t)[c], weight[(c * (nint)kernel) + j], sum);
                }

                dx.Row(s)[c] = sum;
            }

            for (var t = 0; t < tokens; t++)
            {
                for (var j = 0; j < kernel && dweight is not null; j++)
                {
                    var s = Neighbour(positions, tokens, t, j - (kernel / 2));
                    var sum = dweight + (c * (nint)kernel) + j;
                    if (s >= 0)
                        *sum = ScalarMath.MultiplyAdd(dy.Row(t)[c], x.Row(s)[c], *sum);
                }

                if (dbias is not null)
                    dbias[c] += dy.Row(t)[c];
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
