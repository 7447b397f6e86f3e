using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SqueezeBert.Kernels.Lanes;

/// <summary><see cref="ILanes{TSelf}.DropoutFactors"/> of <see cref="Lanes512"/>.</summary>
internal static class DropoutLanes512
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Factors(uint first, uint high, uint threshold, float scale)
    {
        var x = Vector512.Create(first) + (Vector512<uint>.Indices * Vector512.Create(DropoutHash.Increment));
        x = (x ^ (x >>> DropoutHash.FirstShift)) * Vector512.Create(DropoutHash.FirstFactor);
        x ^= Vector512.Create(high);
        x = (x ^ (x >>> DropoutHash.OtherShift)) * Vector512.Create(DropoutHash.SecondFactor);
        x ^= x >>> DropoutHash.OtherShift;
        return new(Vector512.GreaterThanOrEqual(x, Vector512.Create(threshold)).AsSingle() & Vector512.Create(scale));
    }
}

/// <summary><see cref="ILanes{TSelf}.DropoutFactors"/> of <see cref="Lanes256"/>.</summary>
internal static class DropoutLanes256
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Factors(uint first, uint high, uint threshold, float scale) =>
        new(Half(first, high, threshold, scale), Half(first + unchecked(8 * DropoutHash.Increment), high, threshold, scale));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Half(uint first, uint high, uint threshold, float scale)
    {
        var x = Vector256.Create(first) + (Vector256<uint>.Indices * Vector256.Create(DropoutHash.Increment));
        x = (x ^ (x >>> DropoutHash.FirstShift)) * Vector256.Create(DropoutHash.FirstFactor);
        x ^= Vector256.Create(high);
        x = (x ^ (x >>> DropoutHash.OtherShift)) * Vector256.Create(DropoutHash.SecondFactor);
        x ^= x >>> DropoutHash.OtherShift;
        return Vector256.GreaterThanOrEqual(x, Vector256.Create(threshold)).AsSingle() & Vector256.Create(scale);
    }
}

/// <summary><see cref="ILanes{TSelf}.DropoutFactors"/> of <see cref="Lanes128"/>.</summary>
internal static class DropoutLanes128
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Factors(uint first, uint high, uint threshold, float scale) => new(
        Quarter(first, high, threshold, scale),
        Quarter(first + unchecked(4 * DropoutHash.Increment), high, threshold, scale),
        Quarter(first + unchecked(8 * DropoutHash.Increment), high, threshold, scale),
        Quarter(first + unchecked(12 * DropoutHash.Increment), high, threshold, scale));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Quarter(uint first, uint high, uint threshold, float scale)
    {
        var x = Vector128.Create(first) + (Vector128<uint>.Indices * Vector128.Create(DropoutHash.Increment));
        x = (x ^ (x >>> DropoutHash.FirstShift)) * Vector128.Create(DropoutHash.FirstFactor);
        x ^= Vector128.Create(high);
        x = (x ^ (x >>> DropoutHash.OtherShift)) * Vector128.Create(DropoutHash.SecondFactor);
        x ^= x >>> DropoutHash.OtherShift;
        return Vector128.GreaterThanOrEqual(x, Vector128.Create(threshold)).AsSingle() & Vector128.Create(scale);
    }
}
