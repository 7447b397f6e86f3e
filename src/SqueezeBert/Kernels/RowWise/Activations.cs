using System.Runtime.CompilerServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.RowWise;

/// <summary>Activation functions over contiguous elements, and their derivatives.</summary>
internal static unsafe class Activations
{
    /// <summary>y = f(x); y may be x.</summary>
    public static void Apply(Activation activation, float* x, float* y, nint count) =>
        Apply(InstructionSets.Selected, activation, x, y, count);

    /// <inheritdoc cref="Apply(Activation, float*, float*, nint)"/>
    public static void Apply(InstructionSet set, Activation activation, float* x, float* y, nint count) =>
        InstructionSets.Run(set, new ApplyKernel(activation, x, y, count));

    /// <summary>dx = dy·f'(x), where x is the value before the activation. dx may be x or dy.</summary>
    public static void Backward(Activation activation, float* x, float* dy, float* dx, nint count) =>
        Backward(InstructionSets.Selected, activation, x, dy, dx, count);

    /// <inheritdoc cref="Backward(Activation, float*, float*, float*, nint)"/>
    public static void Backward(InstructionSet set, Activation activation, float* x, float* dy, float* dx, nint count) =>
        InstructionSets.Run(set, new BackwardKernel(activation, x, dy, dx, count));

    private static void Apply<TLanes>(Activation activation, float* x, float* y, nint count)
        where TLanes : struct, ILanes<TLanes>
    {
        switch (activation)
        {
            case Activation.None: Map<TLanes, IdentityOperator>(x, y, count); break;
            case Activation.Gelu: Map<TLanes, GeluOperator>(x, y, count); break;
            case Activation.GeluTanh: Map<TLanes, GeluTanhOperator>(x, y, count); break;
            case Activation.QuickGelu: Map<TLanes, QuickGeluOperator>(x, y, count); break;
            case Activation.Relu: Map<TLanes, ReluOperator>(x, y, count); break;
            case Activation.Silu: Map<TLanes, SiluOperator>(x, y, count); break;
            case Activation.Tanh: Map<TLanes, TanhOperator>(x, y, count); break;
            case Activation.Sigmoid: Map<TLanes, SigmoidOperator>(x, y, count); break;
            default: throw new ArgumentOutOfRangeException(nameof(activation), activation, "Unknown activation.");
        }
    }

    private static void Backward<TLanes>(Activation activation, float* x, float* dy, float* dx, nint count)
        where TLanes : struct, ILanes<TLanes>
    {
        switch (activation)
        {
            case Activation.None: MapBackward<TLanes, IdentityOperator>(x, dy, dx, count); break;
            case Activation.Gelu: MapBackward<TLanes, GeluOperator>(x, dy, dx, count); break;
            case Activation.GeluTanh: MapBackward<TLanes, GeluTanhOperator>(x, dy, dx, count); break;
            case Activation.QuickGelu: MapBackward<TLanes, QuickGeluOperator>(x, dy, dx, count); break;
            case Activation.Relu: MapBackward<TLanes, ReluOperator>(x, dy, dx, count); break;
            case Activation.Silu: MapBackward<TLanes, SiluOperator>(x, dy, dx, count); break;
            case Activation.Tanh: MapBackward<TLanes, TanhOperator>(x, dy, dx, count); break;
            case Activation.Sigmoid: MapBackward<TLanes, SigmoidOperator>(x, dy, dx, count); break;
            default: throw new ArgumentOutOfRangeException(nameof(activation), activation, "Unknown activation.");
        }
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void Map<TLanes, TOperator>(float* x, float* y, nint count)
        where TLanes : struct, ILanes<TLanes>
        where TOperator : struct, IActivationOperator
    {
        nint i = 0;
        for (; i <= count - LaneTail.Lanes; i += LaneTail.Lanes)
            TLanes.Store(TOperator.Apply(TLanes.Load(x + i)), y + i);
        if (i < count)
            TLanes.StorePartial(TOperator.Apply(TLanes.LoadPartial(x + i, count - i, 0f)), y + i, count - i);
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void MapBackward<TLanes, TOperator>(float* x, float* dy, float* dx, nint count)
        where TLanes : struct, ILanes<TLanes>
        where TOperator : struct, IActivationOperator
    {
        nint i = 0;
        for (; i <= count - LaneTail.Lanes; i += LaneTail.Lanes)
            TLanes.Store(TLanes.Load(dy + i) * TOperator.Derivative(TLanes.Load(x + i)), dx + i);
        if (i < count)
        {
            var derivative = TOperator.Derivative(TLanes.LoadPartial(x + i, count - i, 0f));
            TLanes.StorePartial(TLanes.LoadPartial(dy + i, count - i, 0f) * derivative, dx + i, count - i);
        }
    }

    private readonly struct ApplyKernel(Activation activation, float* x, float* y, nint count) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => Apply<TLanes>(activation, x, y, count);

        public void RunScalar() => ScalarActivations.Apply(activation, x, y, count);
    }

    private readonly struct BackwardKernel(Activation activation, float* x, float* dy, float* dx, nint count) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => Backward<TLanes>(activation, x, dy, dx, count);

        public void RunScalar() => ScalarActivations.Backward(activation, x, dy, dx, count);
    }
}
