namespace SqueezeBert.Kernels.Scalar;

/// <summary>The reference of <see cref="Attention"/>.</summary>
internal static unsafe class ScalarAttention
{
    // row: working memory for one query's keys.
    public static void Forward(
        float* q, nint qStride, float* k, nint kStride, float* v, nint vStride, float* output, nint outputStride,
        int queries, int keys, int heads, int headWidth, float scale, float* row, float* scores, float* probabilities)
    {
        for (int head = 0; head < heads; head++)
        {
            nint channel = head * (nint)headWidth;
            for (int i = 0; i < queries; i++)
            {
                for (int j = 0; j < keys; j++)
                {
                    float dot = 0f;
                    for (nint c = channel; c < channel + headWidth; c++)
                        dot = ScalarMath.MultiplyAdd(q[(i * qStride) + c], k[(j * kStride) + c], dot);
                    row[j] = dot * scale;
                }

                nint captured = ((head * (nint)queries) + i) * keys;
                Capture(row, scores, captured, keys);
                ScalarSoftmax.Forward(row, keys, 1, keys);
                Capture(row, probabilities, captured, keys);

                for (nint c = channel; c < channel + headWidth; c++)
                {
                    float sum = 0f;
                    for (int j = 0; j < keys; j++)
                        sum = ScalarMath.MultiplyAdd(row[j], v[(j * vStride) + c], sum);
                    output[(i * outputStride) + c] = sum;
                }
            }
        }
    }

    private static void Capture(float* row, float* target, nint offset, int count)
    {
        if (target is not null)
            new ReadOnlySpan<float>(row, count).CopyTo(new Span<float>(target + offset, count));
    }
}
