using SqueezeBert.Kernels.Scalar;
using SqueezeBert.Models;

namespace SqueezeBert.Kernels;

/// <summary>Activation functions over contiguous elements, and their derivatives.</summary>
internal static unsafe class Activations
{
    /// <summary>y = f(x); y may be x.</summary>
    public static void Apply(Activation activation, float* x, float* y, nint count) => Apply(InstructionSets.Selected, activation, x, y, count);

    /// <inheritdoc cref="Apply(Activation, float*, float*, nint)"/>
    public static void Apply(InstructionSet set, Activation activation, float* x, float* y, nint count)
    {
        ScalarActivations.Apply(activation, x, y, count);
    }

    /// <summary>dx = dy·f'(x), x being the value before the activation; dx may be x or dy.</summary>
    public static void Backward(Activation activation, float* x, float* dy, float* dx, nint count) =>
        Backward(InstructionSets.Selected, activation, x, dy, dx, count);

    /// <inheritdoc cref="Backward(Activation, float*, float*, float*, nint)"/>
    public static void Backward(InstructionSet set, Activation activation, float* x, float* dy, float* dx, nint count)
    {
        ScalarActivations.Backward(activation, x, dy, dx, count);
    }
}
