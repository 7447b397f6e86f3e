using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SqueezeBert.Kernels.Products.Int8.Microkernels;

/// <summary>AVX-512: words of 16 bits, whose pairs of products are exact.</summary>
internal readonly unsafe struct Words512 : IByteSimd<Vector512<int>>
{
    public static int Count => 16;

    public static int MaximumHeight => 8;

    public static int TileVectors(int width) => width % 32 == 0 ? 2 : 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Start(int* starts) => Vector512.Load(starts);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(int* address, Vector512<int> sums) => sums.Store(address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Load(byte* address) => Vector512.Load((int*)address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> EvenWeights(Vector512<int> weights) => ((weights.AsInt16() << 8) >> 8).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> OddWeights(Vector512<int> weights) => (weights.AsInt16() >> 8).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Broadcast(byte* address) => Vector512.Create(*(int*)address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Even(Vector512<int> x) => x & Vector512.Create(0x00ff00ff);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Odd(Vector512<int> x) => (x.AsUInt16() >> 8).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyAdd(
        Vector512<int> even, Vector512<int> odd, Vector512<int> evenWeights, Vector512<int> oddWeights, Vector512<int> sum) =>
        sum + Avx512BW.MultiplyAddAdjacent(even.AsInt16(), evenWeights.AsInt16())
        + Avx512BW.MultiplyAddAdjacent(odd.AsInt16(), oddWeights.AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* address) => Sse.Prefetch1(address);
}
