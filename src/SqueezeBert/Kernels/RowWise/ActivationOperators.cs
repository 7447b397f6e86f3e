using System.Runtime.CompilerServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.Lanes;
using static SqueezeBert.Kernels.Lanes.Coefficients;

namespace SqueezeBert.Kernels.RowWise;

/// <summary>An activation and its derivative as a type, so that each loop over elements is written once.</summary>
internal interface IActivationOperator
{
    static abstract TLanes Apply<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>;

    static abstract TLanes Derivative<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>;
}

/// <inheritdoc cref="Activation.None"/>
internal readonly struct IdentityOperator : IActivationOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Apply<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes> => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Derivative<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes> => TLanes.Create(1f);
}

/// <inheritdoc cref="Activation.Gelu"/>
internal readonly struct GeluOperator : IActivationOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Apply<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes> => VectorMath<TLanes>.Gelu(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Derivative<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes> => VectorMath<TLanes>.GeluDerivative(x);
}

/// <inheritdoc cref="Activation.GeluTanh"/>
internal readonly struct GeluTanhOperator : IActivationOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Apply<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes> => x * VectorMath<TLanes>.Sigmoid(Argument(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Derivative<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>
    {
        x = Gate<TLanes>.Clamp(x);
        var slope = TLanes.MultiplyAdd(x * x, TLanes.Create(GeluTanhCubic * 3f), TLanes.Create(GeluTanhLinear));
        return Gate<TLanes>.Derivative(x, Argument(x), slope);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Argument<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes> => x * TLanes.MultiplyAdd(x * x, TLanes.Create(GeluTanhCubic), TLanes.Create(GeluTanhLinear));
}

/// <inheritdoc cref="Activation.QuickGelu"/>
internal readonly struct QuickGeluOperator : IActivationOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Apply<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes> => x * VectorMath<TLanes>.Sigmoid(x * TLanes.Create(QuickGeluScale));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Derivative<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>
    {
        x = Gate<TLanes>.Clamp(x);
        return Gate<TLanes>.Derivative(x, x * TLanes.Create(QuickGeluScale), TLanes.Create(QuickGeluScale));
    }
}

/// <inheritdoc cref="Activation.Relu"/>
internal readonly struct ReluOperator : IActivationOperator
{
    // The sum makes the zero of a negative input positive on every processor.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Apply<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes> => TLanes.Max(TLanes.Create(0f), x) + TLanes.Create(0f);

    // 0 at x = 0, as in PyTorch: there -x is not below zero.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Derivative<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes> => TLanes.SelectNegative(TLanes.Create(0f) - x, TLanes.Create(1f), TLanes.Create(0f));
}

/// <inheritdoc cref="Activation.Silu"/>
internal readonly struct SiluOperator : IActivationOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Apply<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes> => x * VectorMath<TLanes>.Sigmoid(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Derivative<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>
    {
        x = Gate<TLanes>.Clamp(x);
        return Gate<TLanes>.Derivative(x, x, TLanes.Create(1f));
    }
}

/// <inheritdoc cref="Activation.Tanh"/>
internal readonly struct TanhOperator : IActivationOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Apply<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes> => VectorMath<TLanes>.Tanh(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Derivative<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>
    {
        var t = VectorMath<TLanes>.Tanh(x);
        return TLanes.NegatedMultiplyAdd(t, t, TLanes.Create(1f));
    }
}

/// <inheritdoc cref="Activation.Sigmoid"/>
internal readonly struct SigmoidOperator : IActivationOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Apply<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes> => VectorMath<TLanes>.Sigmoid(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Derivative<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes> => VectorMath<TLanes>.Sigmoid(x) * VectorMath<TLanes>.Sigmoid(TLanes.Create(0f) - x);
}

/// <summary>The common part of activations of the form x·σ(u).</summary>
internal static class Gate<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    // Beyond these bounds the gates are 0 or 1 and the products could only overflow.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Clamp(TLanes x) => TLanes.Min(TLanes.Create(GateMaximum), TLanes.Max(TLanes.Create(-GateMaximum), x));

    /// <summary>σ(u) + x·σ(u)·σ(-u)·u'.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Derivative(TLanes x, TLanes u, TLanes slope)
    {
        var gate = VectorMath<TLanes>.Sigmoid(u);
        return TLanes.MultiplyAdd(x * slope, gate * VectorMath<TLanes>.Sigmoid(TLanes.Create(0f) - u), gate);
    }
}
