using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SqueezeBert.Kernels.Products.Int8.Microkernels;

/// <summary>AVX-VNNI: four unsigned bytes of a row by four signed ones of a column, without a limit in between.</summary>
internal readonly unsafe struct Vnni256 : IByteSimd<Vector256<int>>
{
    public static int Count => 8;

    public static int MaximumHeight => 6;

    public static int TileVectors(int width) => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Start(int* starts) => Vector256.Load(starts);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(int* address, Vector256<int> sums) => sums.Store(address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load(byte* address) => Vector256.Load((int*)address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> EvenWeights(Vector256<int> weights) => weights;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> OddWeights(Vector256<int> weights) => weights;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Broadcast(byte* address) => Vector256.Create(*(int*)address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Even(Vector256<int> x) => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Odd(Vector256<int> x) => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAdd(
        Vector256<int> even, Vector256<int> odd, Vector256<int> evenWeights, Vector256<int> oddWeights, Vector256<int> sum) =>
        AvxVnni.MultiplyWideningAndAdd(sum, even.AsByte(), evenWeights.AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* address) => Sse.Prefetch1(address);
}
