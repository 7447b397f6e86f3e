using SqueezeBert.Checkpoints;

namespace SqueezeBert.Kernels.Lanes;

/// <summary>
/// Minimax polynomials of this project (Remez exchange with 40 digits, then rounded to float32 one coefficient at a time, lowest power
/// first, refitting the others). Errors are of the polynomial alone, without the rounding of its evaluation.
/// </summary>
internal static class Coefficients
{
    /// <summary>1.5·2²³. Adding it rounds a small number to an integer, which is then in the low bits.</summary>
    public const float RoundingBias = 12582912f;

    public const float Log2E = 1.44269504f;

    // ln 2 in two parts; the first has 9 significant bits, so that its product with an exponent is exact even without FMA.
    public const float Ln2High = 0.693359375f;
    public const float Ln2Low = -2.12194440e-4f;

    // Below, exp is less than half of the smallest denormal number; above, it overflows.
    public const float ExpMinimum = -104f;
    public const float ExpMaximum = 89f;

    // exp(r) = 1 + r + r²·E(r) for |r| <= 0.3475, relative error 3.3e-9.
    public const float E0 = 0.49999994f;
    public const float E1 = 0.166665152f;
    public const float E2 = 0.0416680872f;
    public const float E3 = 0.00836929586f;
    public const float E4 = 0.00138382067f;

    // 2^f = 1 + f·P(f) for |f| <= 0.5000005, relative error 9.7e-9.
    public const float P0 = 0.693147242f;
    public const float P1 = 0.240226552f;
    public const float P2 = 0.0555027202f;
    public const float P3 = 0.00961705763f;
    public const float P4 = 0.00134187378f;
    public const float P5 = 0.000158558105f;

    /// <summary>
    /// The binary logarithm of the smallest attention weight, relative to a largest weight of 1. It is far too small to change a sum of
    /// float32. It is large enough that products with values are not denormal numbers, which take a processor a hundred times as long.
    /// </summary>
    public const float WeightMinimum = -100f;

    // log(1 + f) = f - f²/2 + f³·L(f) for √½ <= 1 + f <= √2, relative error 5.9e-9.
    public const float L0 = 0.333333313f;
    public const float L1 = -0.250008225f;
    public const float L2 = 0.200012594f;
    public const float L3 = -0.166233435f;
    public const float L4 = 0.142010644f;
    public const float L5 = -0.131595597f;
    public const float L6 = 0.127658263f;
    public const float L7 = -0.0764129907f;

    // Φ(-a) = G(a)⁸ for 0 <= a <= 6 (Φ: the normal distribution), absolute error 2.5e-8; Φ(-6) = 1e-9.
    public const float GaussianTailMaximum = 6f;
    public const float G0 = 0.917004049f;
    public const float G1 = -0.0914581865f;
    public const float G2 = -0.0319236964f;
    public const float G3 = -0.000682580227f;
    public const float G4 = 0.00151730177f;
    public const float G5 = 2.57801785e-05f;
    public const float G6 = -5.71995624e-05f;
    public const float G7 = 6.91843888e-06f;
    public const float G8 = -2.54917097e-07f;

    /// <summary>1/√(2π).</summary>
    public const float InverseSqrtTwoPi = 0.398942280f;

    /// <summary>
    /// √(8/π) and 0.044715·√(8/π): twice the argument of the tanh in <see cref="Activation.GeluTanh"/>, which makes it x·σ(…).
    /// </summary>
    public const float GeluTanhLinear = 1.59576912f;
    public const float GeluTanhCubic = 0.0713548163f;

    public const float QuickGeluScale = 1.702f;

    /// <summary>The limit to which derivatives of x·σ(u) may clamp x.</summary>
    public const float GateMaximum = 200f;
}
