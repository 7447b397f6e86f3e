using System.Runtime.CompilerServices;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.Backward;

/// <summary>
/// Dropout (Srivastava et al., 2014) whose random numbers are a hash of a row's key and the element's index, so that they can be asked for
/// again and by any thread. The hash is one of two rounds from Wellons' "hash prospector", with the high half of the key mixed in between
/// them.
/// </summary>
internal static unsafe class Dropout
{
    public const uint Increment = 0x9E3779B9, FirstFactor = 0x21F0AAAD, SecondFactor = 0x735A2D97;
    public const int FirstShift = 16, OtherShift = 15;

    /// <summary>What an element's bits are the hash of.</summary>
    public static uint Counter(ulong key, int index) => (uint)key + ((uint)index * Increment);

    /// <summary>32 random bits for an element.</summary>
    public static uint Bits(ulong key, int index)
    {
        var x = Counter(key, index);
        x = (x ^ (x >> FirstShift)) * FirstFactor;
        x ^= (uint)(key >> 32);
        x = (x ^ (x >> OtherShift)) * SecondFactor;
        return x ^ (x >> OtherShift);
    }

    /// <summary>
    /// y[i] = x[i]·f[i] or, to accumulate, y[i] + x[i]·f[i]; f[i] is 0 where the element's bits are below the threshold and else the scale.
    /// y may be x.
    /// </summary>
    public static void Apply(float* x, float* y, int count, ulong key, uint threshold, float scale, bool accumulate) =>
        Apply(InstructionSets.Selected, x, y, count, key, threshold, scale, accumulate);

    /// <inheritdoc cref="Apply(float*, float*, int, ulong, uint, float, bool)"/>
    public static void Apply(InstructionSet set, float* x, float* y, int count, ulong key, uint threshold, float scale, bool accumulate)
    {
        switch (set)
        {
            case InstructionSet.Avx512: Apply<Lanes512, DropoutLanes512>(x, y, count, key, threshold, scale, accumulate); break;
            case InstructionSet.Avx2: Apply<Lanes256, DropoutLanes256>(x, y, count, key, threshold, scale, accumulate); break;
            case InstructionSet.Vector128: Apply<Lanes128, DropoutLanes128>(x, y, count, key, threshold, scale, accumulate); break;
            default: ScalarDropout.Apply(x, y, count, key, threshold, scale, accumulate); break;
        }
    }

    /// <summary>
    /// y = dropout(x) of numbers that are not negative, as in <see cref="Apply(float*, float*, int, ulong, uint, float, bool)"/>; a dropped
    /// x gets the sign bit, by which the backward pass knows it.
    /// </summary>
    public static void Mark(float* x, float* y, int count, ulong key, uint threshold, float scale) =>
        Mark(InstructionSets.Selected, x, y, count, key, threshold, scale);

    /// <inheritdoc cref="Mark(float*, float*, int, ulong, uint, float)"/>
    public static void Mark(InstructionSet set, float* x, float* y, int count, ulong key, uint threshold, float scale)
    {
        switch (set)
        {
            case InstructionSet.Avx512: Mark<Lanes512, DropoutLanes512>(x, y, count, key, threshold, scale); break;
            case InstructionSet.Avx2: Mark<Lanes256, DropoutLanes256>(x, y, count, key, threshold, scale); break;
            case InstructionSet.Vector128: Mark<Lanes128, DropoutLanes128>(x, y, count, key, threshold, scale); break;
            default: ScalarDropout.Mark(x, y, count, key, threshold, scale); break;
        }
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void Apply<TLanes, TRandom>(float* x, float* y, int count, ulong key, uint threshold, float scale, bool accumulate)
        where TLanes : struct, ILanes<TLanes>
        where TRandom : struct, IDropoutLanes<TLanes>
    {
        uint counter = (uint)key, high = (uint)(key >> 32);
        var i = 0;
        for (; i <= count - LaneTail.Lanes; i += LaneTail.Lanes)
        {
            var result = TLanes.Load(x + i) * TRandom.Factors(counter, high, threshold, scale);
            if (accumulate)
                result = TLanes.Load(y + i) + result;
            TLanes.Store(result, y + i);
            counter += unchecked(LaneTail.Lanes * Increment);
        }

        if (i < count)
        {
            var result = TLanes.LoadPartial(x + i, count - i, 0f) * TRandom.Factors(counter, high, threshold, scale);
            if (accumulate)
                result = TLanes.LoadPartial(y + i, count - i, 0f) + result;
            TLanes.StorePartial(result, y + i, count - i);
        }
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void Mark<TLanes, TRandom>(float* x, float* y, int count, ulong key, uint threshold, float scale)
        where TLanes : struct, ILanes<TLanes>
        where TRandom : struct, IDropoutLanes<TLanes>
    {
        // Half the scale off a factor, so that its sign tells.
        var half = TLanes.Create(scale * 0.5f);
        uint counter = (uint)key, high = (uint)(key >> 32);
        var i = 0;
        for (; i <= count - LaneTail.Lanes; i += LaneTail.Lanes)
        {
            TLanes factor = TRandom.Factors(counter, high, threshold, scale), value = TLanes.Load(x + i);
            TLanes.Store(value * factor, y + i);
            TLanes.Store(TLanes.CopySign(value, factor - half), x + i);
            counter += unchecked(LaneTail.Lanes * Increment);
        }

        if (i < count)
        {
            TLanes factor = TRandom.Factors(counter, high, threshold, scale), value = TLanes.LoadPartial(x + i, count - i, 0f);
            TLanes.StorePartial(value * factor, y + i, count - i);
            TLanes.StorePartial(TLanes.CopySign(value, factor - half), x + i, count - i);
        }
    }
}
