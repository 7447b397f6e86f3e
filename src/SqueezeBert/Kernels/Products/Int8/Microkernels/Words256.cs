using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SqueezeBert.Kernels.Products.Int8.Microkernels;

/// <summary>AVX2: words of 16 bits, whose pairs of products are exact.</summary>
internal readonly unsafe struct Words256 : IByteSimd<Vector256<int>>
{
    public static int Count => 8;

    public static int MaximumHeight => 4;

    public static int TileVectors(int width) => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Start(int* starts) => Vector256.Load(starts);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(int* address, Vector256<int> sums) => sums.Store(address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load(byte* address) => Vector256.Load((int*)address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> EvenWeights(Vector256<int> weights) => ((weights.AsInt16() << 8) >> 8).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> OddWeights(Vector256<int> weights) => (weights.AsInt16() >> 8).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Broadcast(byte* address) => Vector256.Create(*(int*)address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Even(Vector256<int> x) => x & Vector256.Create(0x00ff00ff);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Odd(Vector256<int> x) => (x.AsUInt16() >> 8).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAdd(
        Vector256<int> even, Vector256<int> odd, Vector256<int> evenWeights, Vector256<int> oddWeights, Vector256<int> sum) =>
        sum + Avx2.MultiplyAddAdjacent(even.AsInt16(), evenWeights.AsInt16())
        + Avx2.MultiplyAddAdjacent(odd.AsInt16(), oddWeights.AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* address) => Sse.Prefetch1(address);
}
