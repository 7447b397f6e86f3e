using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.SequenceWise;

namespace SqueezeBert.Kernels.Scalar;

/// <summary>The reference of <see cref="Attention"/>.</summary>
internal static unsafe class ScalarAttention
{
    // row: working memory for one query's keys.
    public static void Forward(
        Matrix q, Matrix k, Matrix v, Matrix output, int heads, float scale, float* row, float* scores, float* probabilities)
    {
        int queries = q.Rows, keys = k.Rows, headWidth = q.Columns / heads;
        var power = scale * Coefficients.Log2E;
        for (var head = 0; head < heads; head++)
        {
            var channel = head * headWidth;
            for (var i = 0; i < queries; i++)
            {
                for (var j = 0; j < keys; j++)
                {
                    var dot = 0f;
                    for (var c = channel; c < channel + headWidth; c++)
                        dot = ScalarMath.MultiplyAdd(q.Row(i)[c], k.Row(j)[c], dot);
                    row[j] = dot;
                }

                var captured = ((head * (nint)queries) + i) * keys;
                for (var j = 0; j < keys && scores is not null; j++)
                    scores[captured + j] = row[j] * scale;
                var total = Exponentials(row, keys, power);
                for (var j = 0; j < keys && probabilities is not null; j++)
                    probabilities[captured + j] = row[j] / total;

                for (var c = channel; c < channel + headWidth; c++)
                {
                    var sum = 0f;
                    for (var j = 0; j < keys; j++)
                        sum = ScalarMath.MultiplyAdd(row[j], v.Row(j)[c], sum);
                    output.Row(i)[c] = sum / total;
                }
            }
        }
    }

    /// <summary>x = 2^(power·x - power·max); the sum of the row.</summary>
    public static float Exponentials(float* row, int keys, float power)
    {
        var maximum = ScalarReductions.Maximum(row, keys) * -power;
        for (var j = 0; j < keys; j++)
            row[j] = ScalarMath.AttentionWeight(ScalarMath.MultiplyAdd(row[j], power, maximum));
        return ScalarReductions.Sum(row, keys);
    }
}
