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
        var power = scale * Coefficients.Log2E;
        for (var head = 0; head < heads; head++)
        {
            var channel = head * (nint)headWidth;
            for (var i = 0; i < queries; i++)
            {
                for (var j = 0; j < keys; j++)
                {
                    var dot = 0f;
                    for (var c = channel; c < channel + headWidth; c++)
                        dot = ScalarMath.MultiplyAdd(q[(i * qStride) + c], k[(j * kStride) + c], dot);
                    row[j] = dot;
                }

                var captured = ((head * (nint)queries) + i) * keys;
                for (var j = 0; j < keys && scores is not null; j++)
                    scores[captured + j] = row[j] * scale;
                var maximum = ScalarReductions.Maximum(row, keys) * -power;
                for (var j = 0; j < keys; j++)
                    row[j] = ScalarMath.AttentionWeight(ScalarMath.MultiplyAdd(row[j], power, maximum));
                var total = ScalarReductions.Sum(row, keys);
                for (var j = 0; j < keys && probabilities is not null; j++)
                    probabilities[captured + j] = row[j] / total;

                for (var c = channel; c < channel + headWidth; c++)
                {
                    var sum = 0f;
                    for (var j = 0; j < keys; j++)
                        sum = ScalarMath.MultiplyAdd(row[j], v[(j * vStride) + c], sum);
                    output[(i * outputStride) + c] = sum / total;
                }
            }
        }
    }
}
