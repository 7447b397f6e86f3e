using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.Wasm;
using System.Runtime.Intrinsics.X86;

namespace SqueezeBert.Kernels.Products.Int8.Microkernels;

/// <summary>128-bit vectors of any processor: words of 16 bits.</summary>
internal readonly unsafe struct Words128 : IByteSimd<Vector128<int>>
{
    public static int Count => 4;

    public static int MaximumHeight => 4;

    public static int TileVectors(int width) => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Start(int* starts) => Vector128.Load(starts);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(int* address, Vector128<int> sums) => sums.Store(address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Load(byte* address) => Vector128.Load((int*)address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> EvenWeights(Vector128<int> weights) => ((weights.AsInt16() << 8) >> 8).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> OddWeights(Vector128<int> weights) => (weights.AsInt16() >> 8).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Broadcast(byte* address) => Vector128.Create(*(int*)address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Even(Vector128<int> x) => x & Vector128.Create(0x00ff00ff);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Odd(Vector128<int> x) => (x.AsUInt16() >> 8).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAdd(
        Vector128<int> even, Vector128<int> odd, Vector128<int> evenWeights, Vector128<int> oddWeights, Vector128<int> sum) =>
        sum + Pairs(even.AsInt16(), evenWeights.AsInt16()) + Pairs(odd.AsInt16(), oddWeights.AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* address)
    {
        if (Sse.IsSupported) Sse.Prefetch1(address);
    }

    /// <summary>The sums of each two products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Pairs(Vector128<short> x, Vector128<short> y)
    {
        if (Sse2.IsSupported)
            return Sse2.MultiplyAddAdjacent(x, y);
        if (PackedSimd.IsSupported)
            return PackedSimd.Dot(x, y);
        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.AddPairwise(
                AdvSimd.MultiplyWideningLower(x.GetLower(), y.GetLower()), AdvSimd.MultiplyWideningUpper(x, y));
        }

        Vector128<int> a = x.AsInt32(), b = y.AsInt32();
        return (((a << 16) >> 16) * ((b << 16) >> 16)) + ((a >> 16) * (b >> 16));
    }
}
