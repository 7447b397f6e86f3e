using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.SequenceWise;

namespace SqueezeBert.Kernels.Scalar;

/// <summary>The reference of <see cref="Attention"/>.</summary>
internal static unsafe class ScalarAttention
{
    // row: working memory for one query's keys.
    public static void Forward(
        float* q, nint qStride, float* k, nint kStride, float* v, nint vStride, float* output, nint outputStride,
        int queries, int keys, int heads, int headWidth, float scale, float* row, float* scores, float* probabilities)
    {
        float power = scale * Coefficients.Log2E;
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
                    row[j] = dot;
                }

                nint captured = ((head * (nint)queries) + i) * keys;
                for (int j = 0; j < keys && scores is not null; j++)
                    scores[captured + j] = row[j] * scale;
                float maximum = ScalarReductions.Maximum(row, keys) * -power;
                for (int j = 0; j < keys; j++)
                    row[j] = ScalarMath.AttentionWeight(ScalarMath.MultiplyAdd(row[j], power, maximum));
                float total = ScalarReductions.Sum(row, keys);
                for (int j = 0; j < keys && probabilities is not null; j++)
                    probabilities[captured + j] = row[j] / total;

                for (nint c = channel; c < channel + headWidth; c++)
                {
                    float sum = 0f;
                    for (int j = 0; j < keys; j++)
                        sum = ScalarMath.MultiplyAdd(row[j], v[(j * vStride) + c], sum);
                    output[(i * outputStride) + c] = sum / total;
                }
            }
        }
    }
}
