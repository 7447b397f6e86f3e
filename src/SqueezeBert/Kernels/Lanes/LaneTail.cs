using System.Runtime.CompilerServices;

namespace SqueezeBert.Kernels.Lanes;

/// <summary>
/// Memory for the last lanes of a row, for instruction sets without masks. The elements are copied one by one without a call, because a
/// call in a kernel would move its sums from registers to memory.
/// </summary>
internal unsafe struct LaneTail
{
    /// <summary>The number of elements of <see cref="ILanes{TSelf}"/>.</summary>
    public const int Lanes = 16;

    private fixed float _values[Lanes];

    /// <summary>Loads the first elements of x, followed by <paramref name="fill"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(float* x, nint count, float fill)
        where TLanes : struct, ILanes<TLanes>
    {
        LaneTail tail;
        for (nint i = 0; i < Lanes; i++)
            tail._values[i] = i < count ? x[i] : fill;
        return TLanes.Load(tail._values);
    }

    /// <summary>Returns lanes that, as an argument of a minimum, keep the first lanes and set the others to -∞.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Limit<TLanes>(nint count)
        where TLanes : struct, ILanes<TLanes>
    {
        LaneTail tail;
        for (nint i = 0; i < Lanes; i++)
            tail._values[i] = i < count ? float.PositiveInfinity : float.NegativeInfinity;
        return TLanes.Load(tail._values);
    }

    /// <summary>Writes only the first lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TLanes>(TLanes x, float* y, nint count)
        where TLanes : struct, ILanes<TLanes>
    {
        LaneTail tail;
        TLanes.Store(x, tail._values);
        for (nint i = 0; i < count; i++)
            y[i] = tail._values[i];
    }
}
