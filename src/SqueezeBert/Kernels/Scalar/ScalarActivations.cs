using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.RowWise;
using static SqueezeBert.Kernels.Lanes.Coefficients;
using static SqueezeBert.Kernels.Scalar.ScalarMath;

namespace SqueezeBert.Kernels.Scalar;

/// <summary>The reference of <see cref="Activations"/>.</summary>
internal static unsafe class ScalarActivations
{
    public static void Apply(Activation activation, float* x, float* y, nint count)
    {
        for (nint i = 0; i < count; i++)
            y[i] = Apply(activation, x[i]);
    }

    public static void Backward(Activation activation, float* x, float* dy, float* dx, nint count)
    {
        for (nint i = 0; i < count; i++)
            dx[i] = dy[i] * Derivative(activation, x[i]);
    }

    public static float Apply(Activation activation, float x) => activation switch
    {
        Activation.None => x,
        Activation.Gelu => Gelu(x),
        Activation.GeluTanh => x * Sigmoid(GeluTanhArgument(x)),
        Activation.QuickGelu => x * Sigmoid(x * QuickGeluScale),
        Activation.Relu => Relu(x),
        Activation.Silu => x * Sigmoid(x),
        Activation.Tanh => Tanh(x),
        Activation.Sigmoid => Sigmoid(x),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "Unknown activation."),
    };

    private static float Derivative(Activation activation, float x) => activation switch
    {
        Activation.None => 1f,
        Activation.Gelu => GeluDerivative(x),
        Activation.GeluTanh => GatedDerivative(Clamp(x), GeluTanhArgument(Clamp(x)), GeluTanhSlope(Clamp(x))),
        Activation.QuickGelu => GatedDerivative(Clamp(x), Clamp(x) * QuickGeluScale, QuickGeluScale),
        Activation.Relu => x > 0f ? 1f : 0f,
        Activation.Silu => GatedDerivative(Clamp(x), Clamp(x), 1f),
        Activation.Tanh => TanhDerivative(Tanh(x)),
        Activation.Sigmoid => Sigmoid(x) * Sigmoid(0f - x),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "Unknown activation."),
    };

    /// <summary>The derivative of x·σ(u): σ(u) + x·σ(u)·σ(-u)·u'.</summary>
    private static float GatedDerivative(float x, float u, float slope)
    {
        var gate = Sigmoid(u);
        return MultiplyAdd(x * slope, gate * Sigmoid(0f - u), gate);
    }

    private static float TanhDerivative(float tanh) => MultiplyAdd(-tanh, tanh, 1f);

    // Beyond these bounds the gates are 0 or 1 and the products could only overflow.
    private static float Clamp(float x) => Min(GateMaximum, Max(-GateMaximum, x));

    private static float GeluTanhArgument(float x) => x * MultiplyAdd(x * x, GeluTanhCubic, GeluTanhLinear);

    private static float GeluTanhSlope(float x) => MultiplyAdd(x * x, GeluTanhCubic * 3f, GeluTanhLinear);
}
