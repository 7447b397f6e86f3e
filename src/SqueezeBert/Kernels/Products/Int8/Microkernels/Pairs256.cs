using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SqueezeBert.Kernels.Products.Int8.Microkernels;

/// <summary>AVX2: ten sums and the four vectors of weights leave two of the 16 registers for elements of a row.</summary>
internal readonly unsafe struct Pairs256 : IWordSimd<Vector256<int>>
{
    public static int Count => 8;

    public static int MaximumHeight => 5;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load(byte* address) => Vector256.Load((int*)address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Broadcast(int value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(int* address, Vector256<int> sums) => sums.Store(address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> x, Vector256<int> y) => x + y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAdd(
        Vector256<int> firstX, Vector256<int> secondX, Vector256<int> firstW, Vector256<int> secondW, Vector256<int> sum) =>
        sum + Avx2.MultiplyAddAdjacent(firstX.AsInt16() + secondW.AsInt16(), secondX.AsInt16() + firstW.AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* address) => Sse.Prefetch1(address);
}
