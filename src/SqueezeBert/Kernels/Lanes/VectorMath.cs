using System.Runtime.CompilerServices;
using SqueezeBert.Kernels.Scalar;
using SqueezeBert.Kernels.SequenceWise;
using static SqueezeBert.Kernels.Lanes.Coefficients;

namespace SqueezeBert.Kernels.Lanes;

/// <summary>
/// Elementary functions of 16 numbers at a time, with the same bits in every instruction set with FMA. The errors (float32, compared with
/// float64) are: exp 1.0 ulp, attention weights 1.2 ulp (<see cref="AttentionSoftmax"/>), tanh and sigmoid 2.5 ulp, GELU 2.6e-7 and its
/// derivative 2.9e-7 absolute. NaN gives NaN. <see cref="ScalarMath"/> has the same functions, and log, for one number.
/// </summary>
internal static class VectorMath<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    /// <summary>exp(x). It is 0 from -104 down and infinity from 88.73 up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Exp(TLanes x) => ExpOfNegative(TLanes.Min(TLanes.Create(ExpMaximum), x));

    /// <summary><see cref="Exp"/> for x up to 88.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes ExpOfNegative(TLanes x)
    {
        x = TLanes.Max(TLanes.Create(ExpMinimum), x);
        var shifted = TLanes.MultiplyAdd(x, TLanes.Create(Log2E), TLanes.Create(RoundingBias));
        return TLanes.ScaleByPowerOfTwo(TLanes.Create(1f) + ExpMinusOne(Reduce(x, shifted)), shifted);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Reduce(TLanes x, TLanes shifted)
    {
        var exponent = shifted - TLanes.Create(RoundingBias);
        return TLanes.MultiplyAdd(exponent, TLanes.Create(-Ln2Low), TLanes.MultiplyAdd(exponent, TLanes.Create(-Ln2High), x));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes ExpMinusOne(TLanes r)
    {
        var p = TLanes.MultiplyAdd(TLanes.Create(E4), r, TLanes.Create(E3));
        p = TLanes.MultiplyAdd(p, r, TLanes.Create(E2));
        p = TLanes.MultiplyAdd(p, r, TLanes.Create(E1));
        p = TLanes.MultiplyAdd(p, r, TLanes.Create(E0));
        return TLanes.MultiplyAdd(r * r, p, r);
    }

    /// <summary>tanh(a) = e / (e + 2) with e = exp(2a) - 1, which keeps full precision near zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Tanh(TLanes x)
    {
        var a = TLanes.Min(TLanes.Create(20f), TLanes.Abs(x) * TLanes.Create(2f));
        var shifted = TLanes.MultiplyAdd(a, TLanes.Create(Log2E), TLanes.Create(RoundingBias));
        var scale = TLanes.ScaleByPowerOfTwo(TLanes.Create(1f), shifted);
        var e = TLanes.MultiplyAdd(scale, ExpMinusOne(Reduce(a, shifted)), scale - TLanes.Create(1f));
        return TLanes.CopySign(e / (e + TLanes.Create(2f)), x);
    }

    /// <summary>1 / (1 + exp(-x)), without loss of precision for large negative x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Sigmoid(TLanes x)
    {
        var one = TLanes.Create(1f);
        var e = Exp(TLanes.CopySign(x, TLanes.Create(-1f)));
        return TLanes.SelectNegative(x, e, one) / (one + e);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes GaussianTail(TLanes a)
    {
        var g = TLanes.MultiplyAdd(TLanes.Create(G8), a, TLanes.Create(G7));
        g = TLanes.MultiplyAdd(g, a, TLanes.Create(G6));
        g = TLanes.MultiplyAdd(g, a, TLanes.Create(G5));
        g = TLanes.MultiplyAdd(g, a, TLanes.Create(G4));
        g = TLanes.MultiplyAdd(g, a, TLanes.Create(G3));
        g = TLanes.MultiplyAdd(g, a, TLanes.Create(G2));
        g = TLanes.MultiplyAdd(g, a, TLanes.Create(G1));
        g = TLanes.MultiplyAdd(g, a, TLanes.Create(G0));
        g *= g;
        g *= g;
        return g * g;
    }

    /// <summary>x·Φ(x) = max(x, 0) - |x|·Φ(-|x|), without a division and without an exponential.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Gelu(TLanes x)
    {
        // A zero of either sign stays what it is: the larger of -0 and x has the same sign on every processor, that of +0 and -0 has not.
        var a = TLanes.Min(TLanes.Create(GaussianTailMaximum), TLanes.Abs(x));
        return TLanes.NegatedMultiplyAdd(a, GaussianTail(a), TLanes.Max(TLanes.Create(-0f), x));
    }

    /// <summary>Φ(x) + x·φ(x), the derivative of <see cref="Gelu"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes GeluDerivative(TLanes x)
    {
        var tail = GaussianTail(TLanes.Min(TLanes.Create(GaussianTailMaximum), TLanes.Abs(x)));
        var phi = TLanes.SelectNegative(x, tail, TLanes.Create(1f) - tail);
        var clamped = TLanes.Min(TLanes.Create(20f), TLanes.Max(TLanes.Create(-20f), x));
        return TLanes.MultiplyAdd(clamped * TLanes.Create(InverseSqrtTwoPi), Exp(clamped * clamped * TLanes.Create(-0.5f)), phi);
    }
}
