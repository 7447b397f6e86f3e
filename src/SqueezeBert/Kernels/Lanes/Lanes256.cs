using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SqueezeBert.Kernels.Lanes;

/// <summary>16 lanes in two AVX registers.</summary>
internal readonly unsafe struct Lanes256(Vector256<float> a, Vector256<float> b) : ILanes<Lanes256>
{
    private readonly Vector256<float> _a = a;
    private readonly Vector256<float> _b = b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Create(float value) => new(Vector256.Create(value), Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Load(float* address) => new(Vector256.Load(address), Vector256.Load(address + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes256 x, float* address)
    {
        x._a.Store(address);
        x._b.Store(address + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadPartial(float* address, nint count, float fill)
    {
        Vector256<float> a = First(count), b = First(count - 8), rest = Vector256.Create(fill);
        return new(Vector256.ConditionalSelect(a, Avx.MaskLoad(address, a), rest),
            Vector256.ConditionalSelect(b, Avx.MaskLoad(address + 8, b), rest));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(Lanes256 x, float* address, nint count)
    {
        Avx.MaskStore(address, First(count), x._a);
        Avx.MaskStore(address + 8, First(count - 8), x._b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> First(nint count) =>
        Vector256.LessThan(Vector256<int>.Indices, Vector256.Create((int)count)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator +(Lanes256 x, Lanes256 y) => new(x._a + y._a, x._b + y._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator -(Lanes256 x, Lanes256 y) => new(x._a - y._a, x._b - y._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator *(Lanes256 x, Lanes256 y) => new(x._a * y._a, x._b * y._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator /(Lanes256 x, Lanes256 y) => new(x._a / y._a, x._b / y._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MultiplyAdd(Lanes256 x, Lanes256 y, Lanes256 addend) =>
        new(Fma.MultiplyAdd(x._a, y._a, addend._a), Fma.MultiplyAdd(x._b, y._b, addend._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 NegatedMultiplyAdd(Lanes256 x, Lanes256 y, Lanes256 addend) =>
        new(Fma.MultiplyAddNegated(x._a, y._a, addend._a), Fma.MultiplyAddNegated(x._b, y._b, addend._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Min(Lanes256 x, Lanes256 y) => new(Avx.Min(x._a, y._a), Avx.Min(x._b, y._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Max(Lanes256 x, Lanes256 y) => new(Avx.Max(x._a, y._a), Avx.Max(x._b, y._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Abs(Lanes256 x) => new(Vector256.Abs(x._a), Vector256.Abs(x._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Sqrt(Lanes256 x) => new(Vector256.Sqrt(x._a), Vector256.Sqrt(x._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 CopySign(Lanes256 magnitude, Lanes256 sign)
    {
        var mask = Vector256.Create(-0f);
        return new(Vector256.ConditionalSelect(mask, sign._a, magnitude._a), Vector256.ConditionalSelect(mask, sign._b, magnitude._b));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 SelectNegative(Lanes256 x, Lanes256 negative, Lanes256 other) => new(
        Vector256.ConditionalSelect(Vector256.LessThan(x._a, Vector256<float>.Zero), negative._a, other._a),
        Vector256.ConditionalSelect(Vector256.LessThan(x._b, Vector256<float>.Zero), negative._b, other._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ScaleByPowerOfTwo(Lanes256 x, Lanes256 shifted) => new(Scale(x._a, shifted._a), Scale(x._b, shifted._b));

    // In two steps, of which the first is exact, so that results below the normal range round once.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Scale(Vector256<float> x, Vector256<float> shifted)
    {
        var n = shifted.AsInt32() - Vector256.Create(Coefficients.RoundingBias).AsInt32();
        var half = n >> 1;
        var bias = Vector256.Create(127);
        return x * ((half + bias) << 23).AsSingle() * ((n - half + bias) << 23).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ScaleNormal(Lanes256 x, Lanes256 shifted, Lanes256 exponent) =>
        new(ScaleNormal(x._a, shifted._a), ScaleNormal(x._b, shifted._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> ScaleNormal(Vector256<float> x, Vector256<float> shifted) =>
        x * ((shifted.AsInt32() - Vector256.Create(BitConverter.SingleToInt32Bits(Coefficients.RoundingBias) - 127)) << 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Fold(Lanes256 x) => FoldHalf(x._a + x._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Lanes256 x) => LargestHalf(Avx.Max(x._a, x._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float FoldHalf(Vector256<float> x) => Lanes128.FoldQuarter(x.GetLower() + x.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LargestHalf(Vector256<float> x) => Lanes128.LargestQuarter(Vector128.MaxNative(x.GetLower(), x.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MaxMagnitude(Lanes256 magnitude, Lanes256 x) => new(
        Avx2.Max(magnitude._a.AsInt32(), Vector256.Abs(x._a).AsInt32()).AsSingle(),
        Avx2.Max(magnitude._b.AsInt32(), Vector256.Abs(x._b).AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 FromInt32(int* address) =>
        new(Avx.ConvertToVector256Single(Vector256.Load(address)), Avx.ConvertToVector256Single(Vector256.Load(address + 8)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 FromSBytes(Vector128<sbyte> x) => new(
        Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(x)),
        Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(Sse2.ShiftRightLogical128BitLane(x, 8))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LowBytes(Lanes256 x)
    {
        // Packing goes by halves of 128 bits; the permutation puts them in order.
        var low = Vector256.Create(0xff);
        var words = Avx2.PackUnsignedSaturate(x._a.AsInt32() & low, x._b.AsInt32() & low);
        var ordered = Avx2.Permute4x64(words.AsInt64(), 0b11_01_10_00).AsInt16();
        return Sse2.PackUnsignedSaturate(ordered.GetLower(), ordered.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 DropoutFactors(uint first, uint high, uint threshold, float scale) =>
        DropoutLanes256.Factors(first, high, threshold, scale);
}
