using System.Runtime.CompilerServices;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.Backward;

/// <summary>The factors of a step of AdamW, which are the same for all elements of a kind.</summary>
internal readonly record struct AdamWFactors
{
    /// <summary>The factor of the gradient after clipping.</summary>
    public float Gradient { get; init; }

    /// <summary>1 - β₁.</summary>
    public float First { get; init; }

    /// <summary>β₂.</summary>
    public float Second { get; init; }

    /// <summary>1 - β₂.</summary>
    public float SecondRest { get; init; }

    /// <summary>√(1 - β₂ᵗ).</summary>
    public float Correction { get; init; }

    /// <summary>The number that is added to the square root.</summary>
    public float Epsilon { get; init; }

    /// <summary>The learning rate over 1 - β₁ᵗ.</summary>
    public float StepSize { get; init; }

    /// <summary>The factor that weight decay leaves of a value: 1 - learning rate · decay.</summary>
    public float Keep { get; init; }
}

/// <summary>One step of AdamW (Loshchilov and Hutter, arXiv 1711.05101), with the same operations in the same order as PyTorch.</summary>
internal static unsafe class AdamWUpdate
{
    /// <summary>
    /// g = gradient·factor; m += (g - m)(1 - β₁); v = v·β₂ + g²(1 - β₂); value = value·keep - stepSize·m / (√v / correction + ε).
    /// </summary>
    public static void Run(float* value, float* gradient, float* m, float* v, nint count, in AdamWFactors factors) =>
        Run(InstructionSets.Selected, value, gradient, m, v, count, factors);

    /// <inheritdoc cref="Run(float*, float*, float*, float*, nint, in AdamWFactors)"/>
    public static void Run(InstructionSet set, float* value, float* gradient, float* m, float* v, nint count, in AdamWFactors factors) =>
        InstructionSets.Run(set, new RunKernel(value, gradient, m, v, count, factors));

    [MethodImpl(LeafKernel.Compilation)]
    private static void Run<TLanes>(float* value, float* gradient, float* m, float* v, nint count, in AdamWFactors factors)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes scale = TLanes.Create(factors.Gradient), first = TLanes.Create(factors.First), second = TLanes.Create(factors.Second),
            rest = TLanes.Create(factors.SecondRest);
        TLanes correction = TLanes.Create(factors.Correction), epsilon = TLanes.Create(factors.Epsilon),
            stepSize = TLanes.Create(factors.StepSize), keep = TLanes.Create(factors.Keep);
        var whole = count - (count % LaneTail.Lanes);
        for (nint i = 0; i < whole; i += LaneTail.Lanes)
        {
            TLanes g = TLanes.Load(gradient + i) * scale, mean = TLanes.Load(m + i);
            mean += (g - mean) * first;
            var square = (TLanes.Load(v + i) * second) + (g * g * rest);
            TLanes.Store(mean, m + i);
            TLanes.Store(square, v + i);
            TLanes.Store((TLanes.Load(value + i) * keep) - (stepSize * mean / ((TLanes.Sqrt(square) / correction) + epsilon)), value + i);
        }

        if (whole < count)
            ScalarAdamW.Run(value + whole, gradient + whole, m + whole, v + whole, count - whole, factors);
    }

    private readonly struct RunKernel(float* value, float* gradient, float* m, float* v, nint count, AdamWFactors factors) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => AdamWUpdate.Run<TLanes>(value, gradient, m, v, count, factors);

        public void RunScalar() => ScalarAdamW.Run(value, gradient, m, v, count, factors);
    }
}
