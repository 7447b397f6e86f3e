using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace SqueezeBert.Kernels.Products.Int8.Microkernels;

/// <summary>ARM64 with SDOT: four signed bytes of a row by four signed ones of a column.</summary>
internal readonly unsafe struct Dot128 : IByteSimd<Vector128<int>>
{
    public static int Count => 4;

    public static int MaximumHeight => 6;

    public static int TileVectors(int width) => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Start(int* starts) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(int* address, Vector128<int> sums) => sums.Store(address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Load(byte* address) => Vector128.Load((int*)address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> EvenWeights(Vector128<int> weights) => weights;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> OddWeights(Vector128<int> weights) => weights;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Broadcast(byte* address) => Vector128.Create(*(int*)address ^ unchecked((int)0x80808080));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Even(Vector128<int> x) => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Odd(Vector128<int> x) => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAdd(
        Vector128<int> even, Vector128<int> odd, Vector128<int> evenWeights, Vector128<int> oddWeights, Vector128<int> sum) =>
        Dp.DotProduct(sum, evenWeights.AsSByte(), even.AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* address)
    {
        // .NET has no such instruction of ARM's.
    }
}
