using System.Runtime.CompilerServices;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.Backward;

/// <summary>The factors of a step of LAMB, which are the same for all elements of a kind.</summary>
internal readonly record struct LambFactors
{
    /// <summary>The factor of the gradient after clipping.</summary>
    public float Gradient { get; init; }

    /// <summary>1 - β₁.</summary>
    public float First { get; init; }

    /// <summary>β₂.</summary>
    public float Second { get; init; }

    /// <summary>1 - β₂.</summary>
    public float SecondRest { get; init; }

    /// <summary>1 / (1 - β₁ᵗ).</summary>
    public float FirstCorrection { get; init; }

    /// <summary>√(1 - β₂ᵗ).</summary>
    public float Correction { get; init; }

    /// <summary>The number that is added to the square root.</summary>
    public float Epsilon { get; init; }

    /// <summary>The share of a value that weight decay adds to its direction.</summary>
    public float Decay { get; init; }
}

/// <summary>
/// The direction of a step of LAMB (You et al., arXiv 1904.00962): that of AdamW including weight decay. The caller scales it by the trust
/// ratio of the parameter.
/// </summary>
internal static unsafe class LambDirection
{
    /// <summary>
    /// g = gradient·factor; m += (g - m)(1 - β₁); v = v·β₂ + g²(1 - β₂);
    /// gradient = m·firstCorrection / (√v / correction + ε) + value·decay.
    /// </summary>
    public static void Run(float* value, float* gradient, float* m, float* v, nint count, in LambFactors factors) =>
        Run(InstructionSets.Selected, value, gradient, m, v, count, factors);

    /// <inheritdoc cref="Run(float*, float*, float*, float*, nint, in LambFactors)"/>
    public static void Run(InstructionSet set, float* value, float* gradient, float* m, float* v, nint count, in LambFactors factors) =>
        InstructionSets.Run(set, new RunKernel(value, gradient, m, v, count, factors));

    [MethodImpl(LeafKernel.Compilation)]
    private static void Run<TLanes>(float* value, float* gradient, float* m, float* v, nint count, in LambFactors factors)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes scale = TLanes.Create(factors.Gradient), first = TLanes.Create(factors.First), second = TLanes.Create(factors.Second),
            rest = TLanes.Create(factors.SecondRest);
        TLanes firstCorrection = TLanes.Create(factors.FirstCorrection), correction = TLanes.Create(factors.Correction),
            epsilon = TLanes.Create(factors.Epsilon), decay = TLanes.Create(factors.Decay);
        var whole = count - (count % LaneTail.Lanes);
        for (nint i = 0; i < whole; i += LaneTail.Lanes)
        {
            TLanes g = TLanes.Load(gradient + i) * scale, mean = TLanes.Load(m + i);
            mean += (g - mean) * first;
            var square = (TLanes.Load(v + i) * second) + (g * g * rest);
            TLanes.Store(mean, m + i);
            TLanes.Store(square, v + i);
            TLanes.Store(
                (mean * firstCorrection / ((TLanes.Sqrt(square) / correction) + epsilon)) + (TLanes.Load(value + i) * decay), gradient + i);
        }

        if (whole < count)
            ScalarLamb.Run(value + whole, gradient + whole, m + whole, v + whole, count - whole, factors);
    }

    private readonly struct RunKernel(float* value, float* gradient, float* m, float* v, nint count, LambFactors factors) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => LambDirection.Run<TLanes>(value, gradient, m, v, count, factors);

        public void RunScalar() => ScalarLamb.Run(value, gradient, m, v, count, factors);
    }
}
