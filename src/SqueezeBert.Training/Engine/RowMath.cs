using System.Runtime.Intrinsics;

namespace SqueezeBert.Training.Engine;

/// <summary>
/// Operations of the backward pass over one row. Products and sums are rounded one by one and sums run in 16 lanes folded in halves,
/// so every vector width gives the same bits.
/// </summary>
internal static unsafe class RowMath
{
    private const int Lanes = 16;

    /// <summary>Sum of 16 lanes: 8, 4, 2, 1.</summary>
    public static float Fold(Vector512<float> lanes)
    {
        var eight = lanes.GetLower() + lanes.GetUpper();
        var four = eight.GetLower() + eight.GetUpper();
        var two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return two.GetElement(0) + two.GetElement(1);
    }

    /// <summary>target += source.</summary>
    public static void Add(float* source, float* target, int count)
    {
        var i = 0;
        for (; i <= count - Lanes; i += Lanes) (Vector512.Load(target + i) + Vector512.Load(source + i)).Store(target + i);
        for (; i < count; i++) target[i] += source[i];
    }

    /// <summary>target = source with elements dropped and the others scaled; or adds that.</summary>
    public static void Dropout(float* source, float* target, int count, ulong key, uint threshold, float scale, bool accumulate)
    {
        var limit = Vector512.Create(threshold);
        var factor = Vector512.Create(scale);
        var i = 0;
        for (; i <= count - Lanes; i += Lanes)
        {
            var keep = Vector512.GreaterThanOrEqual(DropoutKey.Bits16(key, i), limit).AsSingle();
            var result = (Vector512.Load(source + i) * factor) & keep;
            if (accumulate) result += Vector512.Load(target + i);
            result.Store(target + i);
        }

        for (; i < count; i++)
        {
            var result = DropoutKey.Bits(key, i) >= threshold ? source[i] * scale : 0;
            target[i] = accumulate ? target[i] + result : result;
        }
    }

    /// <summary>target = dropout(probabilities); the sign of a probability that is dropped is set.</summary>
    public static void MarkDropped(float* probabilities, float* target, int count, ulong key, uint threshold, float scale)
    {
        var limit = Vector512.Create(threshold);
        var factor = Vector512.Create(scale);
        var i = 0;
        for (; i <= count - Lanes; i += Lanes)
        {
            var drop = Vector512.LessThan(DropoutKey.Bits16(key, i), limit).AsSingle();
            var p = Vector512.Load(probabilities + i);
            Vector512.AndNot(p * factor, drop).Store(target + i);
            (p | (drop & Vector512.Create(-0f))).Store(probabilities + i);
        }

        for (; i < count; i++)
        {
            var drop = DropoutKey.Bits(key, i) < threshold;
            target[i] = drop ? 0 : probabilities[i] * scale;
            if (drop) probabilities[i] = -probabilities[i];
        }
    }

    /// <summary>
    /// One row of the softmax and the dropout after it: <paramref name="gradient"/> by the dropped probabilities becomes the one by the products before the scale;
    /// <paramref name="dropped"/> gets the probabilities after dropout.
    /// </summary>
    public static void SoftmaxBackward(float* marked, float* gradient, float* dropped, int count, float keepScale, float scale)
    {
        var factor = Vector512.Create(keepScale);
        var sums = Vector512<float>.Zero;
        var i = 0;
        for (; i <= count - Lanes; i += Lanes)
        {
            var p = Vector512.Load(marked + i);
            var drop = Vector512.ShiftRightArithmetic(p.AsInt32(), 31).AsSingle();
            var dp = Vector512.AndNot(Vector512.Load(gradient + i) * factor, drop);
            dp.Store(gradient + i);
            Vector512.AndNot(p * factor, drop).Store(dropped + i);
            sums += dp * Vector512.Abs(p);
        }

        var tail = stackalloc float[Lanes];
        for (var lane = 0; lane < Lanes; lane++) tail[lane] = 0;
        for (var lane = 0; i + lane < count; lane++)
        {
            var p = marked[i + lane];
            var drop = float.IsNegative(p);
            gradient[i + lane] = drop ? 0 : gradient[i + lane] * keepScale;
            dropped[i + lane] = drop ? 0 : p * keepScale;
            tail[lane] = gradient[i + lane] * MathF.Abs(p);
        }

        var sum = Fold(sums + Vector512.Load(tail));
        var mean = Vector512.Create(sum);
        var factors = Vector512.Create(scale);
        for (i = 0; i <= count - Lanes; i += Lanes)
            ((Vector512.Load(gradient + i) - mean) * Vector512.Abs(Vector512.Load(marked + i)) * factors).Store(gradient + i);
        for (; i < count; i++) gradient[i] = (gradient[i] - sum) * MathF.Abs(marked[i]) * scale;
    }
}
