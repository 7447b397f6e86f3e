using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SqueezeBert.Kernels.Backward;

namespace SqueezeBert.Kernels.Lanes;

/// <summary>The random numbers of <see cref="Dropout"/> for 16 elements.</summary>
internal interface IDropoutLanes<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    /// <summary><paramref name="scale"/> for elements that stay and 0 for those that are dropped.</summary>
    /// <param name="first"><see cref="Dropout.Counter"/> of the first element.</param>
    /// <param name="high">The high half of the row's key.</param>
    /// <param name="threshold">Elements whose bits are below it are dropped.</param>
    /// <param name="scale">The factor of those that stay.</param>
    static abstract TLanes Factors(uint first, uint high, uint threshold, float scale);
}

/// <inheritdoc cref="IDropoutLanes{TLanes}"/>
internal readonly struct DropoutLanes512 : IDropoutLanes<Lanes512>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Factors(uint first, uint high, uint threshold, float scale)
    {
        var x = Vector512.Create(first) + (Vector512<uint>.Indices * Vector512.Create(Dropout.Increment));
        x = (x ^ (x >>> Dropout.FirstShift)) * Vector512.Create(Dropout.FirstFactor);
        x ^= Vector512.Create(high);
        x = (x ^ (x >>> Dropout.OtherShift)) * Vector512.Create(Dropout.SecondFactor);
        x ^= x >>> Dropout.OtherShift;
        return new(Vector512.GreaterThanOrEqual(x, Vector512.Create(threshold)).AsSingle() & Vector512.Create(scale));
    }
}

/// <inheritdoc cref="IDropoutLanes{TLanes}"/>
internal readonly struct DropoutLanes256 : IDropoutLanes<Lanes256>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Factors(uint first, uint high, uint threshold, float scale) =>
        new(Half(first, high, threshold, scale), Half(first + unchecked(8 * Dropout.Increment), high, threshold, scale));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Half(uint first, uint high, uint threshold, float scale)
    {
        var x = Vector256.Create(first) + (Vector256<uint>.Indices * Vector256.Create(Dropout.Increment));
        x = (x ^ (x >>> Dropout.FirstShift)) * Vector256.Create(Dropout.FirstFactor);
        x ^= Vector256.Create(high);
        x = (x ^ (x >>> Dropout.OtherShift)) * Vector256.Create(Dropout.SecondFactor);
        x ^= x >>> Dropout.OtherShift;
        return Vector256.GreaterThanOrEqual(x, Vector256.Create(threshold)).AsSingle() & Vector256.Create(scale);
    }
}

/// <inheritdoc cref="IDropoutLanes{TLanes}"/>
internal readonly struct DropoutLanes128 : IDropoutLanes<Lanes128>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Factors(uint first, uint high, uint threshold, float scale) => new(
        Quarter(first, high, threshold, scale),
        Quarter(first + unchecked(4 * Dropout.Increment), high, threshold, scale),
        Quarter(first + unchecked(8 * Dropout.Increment), high, threshold, scale),
        Quarter(first + unchecked(12 * Dropout.Increment), high, threshold, scale));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Quarter(uint first, uint high, uint threshold, float scale)
    {
        var x = Vector128.Create(first) + (Vector128<uint>.Indices * Vector128.Create(Dropout.Increment));
        x = (x ^ (x >>> Dropout.FirstShift)) * Vector128.Create(Dropout.FirstFactor);
        x ^= Vector128.Create(high);
        x = (x ^ (x >>> Dropout.OtherShift)) * Vector128.Create(Dropout.SecondFactor);
        x ^= x >>> Dropout.OtherShift;
        return Vector128.GreaterThanOrEqual(x, Vector128.Create(threshold)).AsSingle() & Vector128.Create(scale);
    }
}
