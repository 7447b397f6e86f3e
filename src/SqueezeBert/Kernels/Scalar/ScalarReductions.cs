using static SqueezeBert.Kernels.Scalar.ScalarMath;

namespace SqueezeBert.Kernels.Scalar;

/// <summary>Sums over 16 virtual lanes (lane = index mod 16), which are then folded in halves: 8, 4, 2, 1.</summary>
internal static unsafe class ScalarReductions
{
    public const int Lanes = 16;

    /// <summary>Folds 16 lanes, overwriting them.</summary>
    public static float Fold(float* lanes)
    {
        for (var half = Lanes / 2; half > 0; half /= 2)
        {
            for (var lane = 0; lane < half; lane++)
                lanes[lane] += lanes[lane + half];
        }

        return lanes[0];
    }

    public static float Sum(float* x, nint count)
    {
        var lanes = stackalloc float[Lanes];
        new Span<float>(lanes, Lanes).Clear();
        for (nint i = 0; i < count; i++)
            lanes[i % Lanes] += x[i];
        return Fold(lanes);
    }

    /// <summary>Σ(x - centre)².</summary>
    public static float SumOfSquares(float* x, nint count, float centre)
    {
        var lanes = stackalloc float[Lanes];
        new Span<float>(lanes, Lanes).Clear();
        for (nint i = 0; i < count; i++)
        {
            var d = x[i] - centre;
            lanes[i % Lanes] = MultiplyAdd(d, d, lanes[i % Lanes]);
        }

        return Fold(lanes);
    }

    /// <summary>The largest element; what it is among NaNs does not matter to its callers, whose results are NaN then.</summary>
    public static float Maximum(float* x, nint count)
    {
        var maximum = float.NegativeInfinity;
        for (nint i = 0; i < count; i++)
            maximum = Max(maximum, x[i]);
        return maximum;
    }
}
