using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SqueezeBert.Kernels.Search;

/// <summary>AVX-512: words of 16 bits, whose pairs of products are exact.</summary>
internal readonly unsafe struct WordDot512 : IByteDot<Vector512<int>>
{
    public static int Count => 32;

    public static bool IsBiased => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyAdd(Vector512<int> sums, sbyte* row, sbyte* bytes, short* words) =>
        sums + Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.Load(row)), Vector512.Load(words));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Total(Vector512<int> x, Vector512<int> y) => Vector512.Sum(x + y);
}

/// <summary>AVX2: words of 16 bits, whose pairs of products are exact.</summary>
internal readonly unsafe struct WordDot256 : IByteDot<Vector256<int>>
{
    public static int Count => 16;

    public static bool IsBiased => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAdd(Vector256<int> sums, sbyte* row, sbyte* bytes, short* words) =>
        sums + Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(row), Vector256.Load(words));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Total(Vector256<int> x, Vector256<int> y) => Vector256.Sum(x + y);
}

/// <summary>AVX-VNNI: four unsigned bytes of a row by four signed ones of the query, without a limit in between.</summary>
internal readonly unsafe struct VnniDot256 : IByteDot<Vector256<int>>
{
    public static int Count => 32;

    public static bool IsBiased => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAdd(Vector256<int> sums, sbyte* row, sbyte* bytes, short* words) =>
        AvxVnni.MultiplyWideningAndAdd(
            sums, (Vector256.Load(row) ^ Vector256.Create(sbyte.MinValue)).AsByte(), Vector256.Load(bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Total(Vector256<int> x, Vector256<int> y) => Vector256.Sum(x + y);
}
