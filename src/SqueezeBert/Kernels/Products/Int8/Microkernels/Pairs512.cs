using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SqueezeBert.Kernels.Products.Int8.Microkernels;

/// <summary>AVX-512 without VNNI.</summary>
internal readonly unsafe struct Pairs512 : IWordSimd<Vector512<int>>
{
    public static int Count => 16;

    public static int MaximumHeight => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Load(byte* address) => Vector512.Load((int*)address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Broadcast(int value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(int* address, Vector512<int> sums) => sums.Store(address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Add(Vector512<int> x, Vector512<int> y) => x + y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyAdd(
        Vector512<int> firstX, Vector512<int> secondX, Vector512<int> firstW, Vector512<int> secondW, Vector512<int> sum) =>
        sum + Avx512BW.MultiplyAddAdjacent(firstX.AsInt16() + secondW.AsInt16(), secondX.AsInt16() + firstW.AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* address) => Sse.Prefetch1(address);
}
