using System.Runtime.CompilerServices;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.Backward;

/// <summary>
/// Dropout (Srivastava et al., 2014). Its random numbers are a hash of the key of a row and the index of the element
/// (<see cref="DropoutHash"/>), so any thread can compute them again.
/// </summary>
internal static unsafe class Dropout
{
    /// <summary>
    /// y[i] = x[i]·f[i], or y[i] + x[i]·f[i] to accumulate. f[i] is 0 if the bits of the element are below the threshold, and otherwise the
    /// scale. y may be x.
    /// </summary>
    public static void Apply(float* x, float* y, int count, ulong key, uint threshold, float scale, bool accumulate) =>
        Apply(InstructionSets.Selected, x, y, count, key, threshold, scale, accumulate);

    /// <inheritdoc cref="Apply(float*, float*, int, ulong, uint, float, bool)"/>
    public static void Apply(InstructionSet set, float* x, float* y, int count, ulong key, uint threshold, float scale, bool accumulate) =>
        InstructionSets.Run(set, new ApplyKernel(x, y, count, key, threshold, scale, accumulate));

    /// <summary>
    /// y = dropout(x) for numbers that are not negative, as in <see cref="Apply(float*, float*, int, ulong, uint, float, bool)"/>. A
    /// dropped x gets the sign bit, by which the backward pass recognizes it.
    /// </summary>
    public static void Mark(float* x, float* y, int count, ulong key, uint threshold, float scale) =>
        Mark(InstructionSets.Selected, x, y, count, key, threshold, scale);

    /// <inheritdoc cref="Mark(float*, float*, int, ulong, uint, float)"/>
    public static void Mark(InstructionSet set, float* x, float* y, int count, ulong key, uint threshold, float scale) =>
        InstructionSets.Run(set, new MarkKernel(x, y, count, key, threshold, scale));

    [MethodImpl(LeafKernel.Compilation)]
    private static void Apply<TLanes>(float* x, float* y, int count, ulong key, uint threshold, float scale, bool accumulate)
        where TLanes : struct, ILanes<TLanes>
    {
        uint counter = (uint)key, high = (uint)(key >> 32);
        var i = 0;
        for (; i <= count - LaneTail.Lanes; i += LaneTail.Lanes)
        {
            var result = TLanes.Load(x + i) * TLanes.DropoutFactors(counter, high, threshold, scale);
            if (accumulate)
                result = TLanes.Load(y + i) + result;
            TLanes.Store(result, y + i);
            counter += unchecked(LaneTail.Lanes * DropoutHash.Increment);
        }

        if (i < count)
        {
            var result = TLanes.LoadPartial(x + i, count - i, 0f) * TLanes.DropoutFactors(counter, high, threshold, scale);
            if (accumulate)
                result = TLanes.LoadPartial(y + i, count - i, 0f) + result;
            TLanes.StorePartial(result, y + i, count - i);
        }
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void Mark<TLanes>(float* x, float* y, int count, ulong key, uint threshold, float scale)
        where TLanes : struct, ILanes<TLanes>
    {
        // Half the scale off a factor, so that its sign tells.
        var half = TLanes.Create(scale * 0.5f);
        uint counter = (uint)key, high = (uint)(key >> 32);
        var i = 0;
        for (; i <= count - LaneTail.Lanes; i += LaneTail.Lanes)
        {
            TLanes factor = TLanes.DropoutFactors(counter, high, threshold, scale), value = TLanes.Load(x + i);
            TLanes.Store(value * factor, y + i);
            TLanes.Store(TLanes.CopySign(value, factor - half), x + i);
            counter += unchecked(LaneTail.Lanes * DropoutHash.Increment);
        }

        if (i < count)
        {
            TLanes factor = TLanes.DropoutFactors(counter, high, threshold, scale), value = TLanes.LoadPartial(x + i, count - i, 0f);
            TLanes.StorePartial(value * factor, y + i, count - i);
            TLanes.StorePartial(TLanes.CopySign(value, factor - half), x + i, count - i);
        }
    }

    private readonly struct ApplyKernel(float* x, float* y, int count, ulong key, uint threshold, float scale, bool accumulate) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => Dropout.Apply<TLanes>(x, y, count, key, threshold, scale, accumulate);

        public void RunScalar() => ScalarDropout.Apply(x, y, count, key, threshold, scale, accumulate);
    }

    private readonly struct MarkKernel(float* x, float* y, int count, ulong key, uint threshold, float scale) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => Mark<TLanes>(x, y, count, key, threshold, scale);

        public void RunScalar() => ScalarDropout.Mark(x, y, count, key, threshold, scale);
    }
}
