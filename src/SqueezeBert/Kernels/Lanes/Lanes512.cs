using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SqueezeBert.Kernels.Lanes;

/// <summary>16 lanes in one AVX-512 register.</summary>
internal readonly unsafe struct Lanes512(Vector512<float> value) : ILanes<Lanes512>
{
    private readonly Vector512<float> _value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Create(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Load(float* address) => new(Vector512.Load(address));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes512 x, float* address) => x._value.Store(address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadPartial(float* address, nint count, float fill) =>
        new(Avx512F.MaskLoad(address, First(count), Vector512.Create(fill)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(Lanes512 x, float* address, nint count) => Avx512F.MaskStore(address, First(count), x._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> First(nint count) =>
        Vector512.LessThan(Vector512<int>.Indices, Vector512.Create((int)count)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator +(Lanes512 x, Lanes512 y) => new(x._value + y._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator -(Lanes512 x, Lanes512 y) => new(x._value - y._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator *(Lanes512 x, Lanes512 y) => new(x._value * y._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator /(Lanes512 x, Lanes512 y) => new(x._value / y._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 MultiplyAdd(Lanes512 x, Lanes512 y, Lanes512 addend) =>
        new(Avx512F.FusedMultiplyAdd(x._value, y._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 NegatedMultiplyAdd(Lanes512 x, Lanes512 y, Lanes512 addend) =>
        new(Avx512F.FusedMultiplyAddNegated(x._value, y._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Min(Lanes512 x, Lanes512 y) => new(Avx512F.Min(x._value, y._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Max(Lanes512 x, Lanes512 y) => new(Avx512F.Max(x._value, y._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Abs(Lanes512 x) => new(Vector512.Abs(x._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Sqrt(Lanes512 x) => new(Vector512.Sqrt(x._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 CopySign(Lanes512 magnitude, Lanes512 sign) =>
        new(Vector512.ConditionalSelect(Vector512.Create(-0f), sign._value, magnitude._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 SelectNegative(Lanes512 x, Lanes512 negative, Lanes512 other) =>
        new(Vector512.ConditionalSelect(Vector512.LessThan(x._value, Vector512<float>.Zero), negative._value, other._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 ScaleByPowerOfTwo(Lanes512 x, Lanes512 shifted) =>
        new(Avx512F.Scale(x._value, shifted._value - Vector512.Create(Coefficients.RoundingBias)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 ScaleNormal(Lanes512 x, Lanes512 shifted, Lanes512 exponent) => new(Avx512F.Scale(x._value, exponent._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Fold(Lanes512 x) => Lanes256.FoldHalf(x._value.GetLower() + x._value.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Lanes512 x) => Lanes256.LargestHalf(Avx.Max(x._value.GetLower(), x._value.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 MaxMagnitude(Lanes512 magnitude, Lanes512 x) =>
        new(Avx512F.Max(magnitude._value.AsInt32(), Vector512.Abs(x._value).AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 FromInt32(int* address) => new(Avx512F.ConvertToVector512Single(Vector512.Load(address)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 FromSBytes(Vector128<sbyte> x) =>
        new(Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(x)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LowBytes(Lanes512 x) => Avx512F.ConvertToVector128Byte(x._value.AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 DropoutFactors(uint first, uint high, uint threshold, float scale) =>
        DropoutLanes512.Factors(first, high, threshold, scale);
}
