using static SqueezeBert.Kernels.Lanes.Coefficients;

namespace SqueezeBert.Kernels.Scalar;

/// <summary>
/// The elementary functions of the vector kernels, one number at a time: the same operations in the same order, so the same bits.
/// </summary>
internal static class ScalarMath
{
    public static float MultiplyAdd(float x, float y, float addend) => MathF.FusedMultiplyAdd(x, y, addend);

    // As vminps and vmaxps: the second operand if either is NaN.
    public static float Min(float x, float y) => x < y ? x : y;

    public static float Max(float x, float y) => x > y ? x : y;

    public static float Exp(float x)
    {
        x = Min(ExpMaximum, Max(ExpMinimum, x));
        var shifted = MultiplyAdd(x, Log2E, RoundingBias);
        var exponent = shifted - RoundingBias;
        var r = Reduce(x, exponent);
        return ScaleByPowerOfTwo(1f + ExpMinusOne(r), shifted);
    }

    /// <summary>2 to the power of x, from <see cref="WeightMinimum"/> to 1.</summary>
    public static float AttentionWeight(float x)
    {
        x = Max(WeightMinimum, x);
        var shifted = x + RoundingBias;
        float f = x - (shifted - RoundingBias), square = f * f;
        float low = MultiplyAdd(P1, f, P0), middle = MultiplyAdd(P3, f, P2), high = MultiplyAdd(P5, f, P4);
        var p = MultiplyAdd(MultiplyAdd(high, square, middle), square, low);
        return ScaleByPowerOfTwo(MultiplyAdd(p, f, 1f), shifted);
    }

    private static float Reduce(float x, float exponent) => MultiplyAdd(exponent, -Ln2Low, MultiplyAdd(exponent, -Ln2High, x));

    /// <summary>exp(r) - 1 for |r| at most ln(2)/2.</summary>
    private static float ExpMinusOne(float r)
    {
        var p = MultiplyAdd(E4, r, E3);
        p = MultiplyAdd(p, r, E2);
        p = MultiplyAdd(p, r, E1);
        p = MultiplyAdd(p, r, E0);
        return MultiplyAdd(r * r, p, r);
    }

    /// <summary>
    /// x·2ⁿ, n in the low bits of <paramref name="shifted"/>: in two steps, so that results below the normal range round once.
    /// </summary>
    private static float ScaleByPowerOfTwo(float x, float shifted)
    {
        var n = BitConverter.SingleToInt32Bits(shifted) - BitConverter.SingleToInt32Bits(RoundingBias);
        var half = n >> 1;
        return x * PowerOfTwo(half) * PowerOfTwo(n - half);
    }

    private static float PowerOfTwo(int n) => BitConverter.Int32BitsToSingle((n + 127) << 23);

    /// <summary>The natural logarithm; NaN below zero, minus infinity at zero.</summary>
    public static float Log(float x)
    {
        if (!(x > 0f) || float.IsPositiveInfinity(x))
            return x == 0f ? float.NegativeInfinity : float.IsPositiveInfinity(x) ? x : float.NaN;
        var exponent = 0;
        if (!float.IsNormal(x))
        {
            x *= 8388608f;
            exponent = -23;
        }

        // The fraction between √½ and √2: 0x3f3504f3 is √½.
        var bits = BitConverter.SingleToInt32Bits(x) - 0x3f3504f3;
        exponent += bits >> 23;
        var f = BitConverter.Int32BitsToSingle((bits & 0x7fffff) + 0x3f3504f3) - 1f;
        var p = MultiplyAdd(L7, f, L6);
        p = MultiplyAdd(p, f, L5);
        p = MultiplyAdd(p, f, L4);
        p = MultiplyAdd(p, f, L3);
        p = MultiplyAdd(p, f, L2);
        p = MultiplyAdd(p, f, L1);
        p = MultiplyAdd(p, f, L0);
        var square = f * f;
        p = MultiplyAdd(square * f, p, exponent * Ln2Low);
        p = MultiplyAdd(square, -0.5f, p) + f;
        return MultiplyAdd(exponent, Ln2High, p);
    }

    public static float Tanh(float x)
    {
        // tanh(a) = e / (e + 2) with e = exp(2a) - 1, which loses nothing near zero.
        var a = Min(20f, MathF.Abs(x) * 2f);
        var shifted = MultiplyAdd(a, Log2E, RoundingBias);
        var exponent = shifted - RoundingBias;
        var scale = ScaleByPowerOfTwo(1f, shifted);
        var e = MultiplyAdd(scale, ExpMinusOne(Reduce(a, exponent)), scale - 1f);
        return CopySign(e / (e + 2f), x);
    }

    public static float Sigmoid(float x)
    {
        var e = Exp(-MathF.Abs(x));
        return (x < 0f ? e : 1f) / (1f + e);
    }

    /// <summary>Φ(-a) for a from 0 to <see cref="GaussianTailMaximum"/>.</summary>
    private static float GaussianTail(float a)
    {
        var g = MultiplyAdd(G8, a, G7);
        g = MultiplyAdd(g, a, G6);
        g = MultiplyAdd(g, a, G5);
        g = MultiplyAdd(g, a, G4);
        g = MultiplyAdd(g, a, G3);
        g = MultiplyAdd(g, a, G2);
        g = MultiplyAdd(g, a, G1);
        g = MultiplyAdd(g, a, G0);
        g *= g;
        g *= g;
        return g * g;
    }

    /// <summary>x·Φ(x) = max(x, 0) - |x|·Φ(-|x|).</summary>
    public static float Gelu(float x)
    {
        var a = Min(GaussianTailMaximum, MathF.Abs(x));
        return MultiplyAdd(-a, GaussianTail(a), Max(-0f, x));
    }

    /// <summary>Φ(x) + x·φ(x).</summary>
    public static float GeluDerivative(float x)
    {
        var tail = GaussianTail(Min(GaussianTailMaximum, MathF.Abs(x)));
        var phi = x < 0f ? tail : 1f - tail;
        var clamped = Min(20f, Max(-20f, x));
        return MultiplyAdd(clamped * InverseSqrtTwoPi, Exp(clamped * clamped * -0.5f), phi);
    }

    private static float CopySign(float magnitude, float sign) =>
        BitConverter.Int32BitsToSingle(
            (BitConverter.SingleToInt32Bits(magnitude) & int.MaxValue) | (BitConverter.SingleToInt32Bits(sign) & int.MinValue));

    // The sum makes the zero of a negative input positive on every processor.
    public static float Relu(float x) => Max(0f, x) + 0f;
}
