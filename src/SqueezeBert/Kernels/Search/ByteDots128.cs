using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.Wasm;
using System.Runtime.Intrinsics.X86;

namespace SqueezeBert.Kernels.Search;

/// <summary>ARM64 with SDOT: four signed bytes by four signed ones.</summary>
internal readonly unsafe struct ArmDot128 : IByteDot<Vector128<int>>
{
    public static int Count => 16;

    public static bool IsBiased => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAdd(Vector128<int> sums, sbyte* row, sbyte* bytes, short* words) =>
        Dp.DotProduct(sums, Vector128.Load(row), Vector128.Load(bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Total(Vector128<int> x, Vector128<int> y) => Vector128.Sum(x + y);
}

/// <summary>128-bit vectors of any processor: words of 16 bits.</summary>
internal readonly unsafe struct WordDot128 : IByteDot<Vector128<int>>
{
    public static int Count => 16;

    public static bool IsBiased => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAdd(Vector128<int> sums, sbyte* row, sbyte* bytes, short* words)
    {
        var (lower, upper) = Vector128.Widen(Vector128.Load(row));
        return sums + Pairs(lower, Vector128.Load(words)) + Pairs(upper, Vector128.Load(words + Vector128<short>.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Total(Vector128<int> x, Vector128<int> y) => Vector128.Sum(x + y);

    /// <summary>The sums of some two products each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Pairs(Vector128<short> x, Vector128<short> y)
    {
        if (Sse2.IsSupported) return Sse2.MultiplyAddAdjacent(x, y);
        if (PackedSimd.IsSupported) return PackedSimd.Dot(x, y);
        if (AdvSimd.IsSupported)
        {
            return AdvSimd.MultiplyWideningUpperAndAdd(
                AdvSimd.MultiplyWideningLower(x.GetLower(), y.GetLower()), x, y);
        }

        var (xLower, xUpper) = Vector128.Widen(x);
        var (yLower, yUpper) = Vector128.Widen(y);
        return (xLower * yLower) + (xUpper * yUpper);
    }
}
