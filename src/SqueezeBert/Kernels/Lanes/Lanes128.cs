using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SqueezeBert.Kernels.Products.Microkernels;

namespace SqueezeBert.Kernels.Lanes;

/// <summary>16 lanes in four 128-bit registers.</summary>
internal readonly unsafe struct Lanes128(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d) : ILanes<Lanes128>
{
    private readonly Vector128<float> _a = a;
    private readonly Vector128<float> _b = b;
    private readonly Vector128<float> _c = c;
    private readonly Vector128<float> _d = d;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Create(float value)
    {
        var x = Vector128.Create(value);
        return new(x, x, x, x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Load(float* address) =>
        new(Vector128.Load(address), Vector128.Load(address + 4), Vector128.Load(address + 8), Vector128.Load(address + 12));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes128 x, float* address)
    {
        x._a.Store(address);
        x._b.Store(address + 4);
        x._c.Store(address + 8);
        x._d.Store(address + 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadPartial(float* address, nint count, float fill) => LaneTail.Load<Lanes128>(address, count, fill);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(Lanes128 x, float* address, nint count) => LaneTail.Store(x, address, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator +(Lanes128 x, Lanes128 y) => new(x._a + y._a, x._b + y._b, x._c + y._c, x._d + y._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator -(Lanes128 x, Lanes128 y) => new(x._a - y._a, x._b - y._b, x._c - y._c, x._d - y._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator *(Lanes128 x, Lanes128 y) => new(x._a * y._a, x._b * y._b, x._c * y._c, x._d * y._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator /(Lanes128 x, Lanes128 y) => new(x._a / y._a, x._b / y._b, x._c / y._c, x._d / y._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 MultiplyAdd(Lanes128 x, Lanes128 y, Lanes128 addend) => new(
        Simd128.MultiplyAdd(x._a, y._a, addend._a),
        Simd128.MultiplyAdd(x._b, y._b, addend._b),
        Simd128.MultiplyAdd(x._c, y._c, addend._c),
        Simd128.MultiplyAdd(x._d, y._d, addend._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 NegatedMultiplyAdd(Lanes128 x, Lanes128 y, Lanes128 addend) =>
        MultiplyAdd(new(-x._a, -x._b, -x._c, -x._d), y, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Min(Lanes128 x, Lanes128 y) => new(
        Vector128.MinNative(x._a, y._a), Vector128.MinNative(x._b, y._b), Vector128.MinNative(x._c, y._c), Vector128.MinNative(x._d, y._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Max(Lanes128 x, Lanes128 y) => new(
        Vector128.MaxNative(x._a, y._a), Vector128.MaxNative(x._b, y._b), Vector128.MaxNative(x._c, y._c), Vector128.MaxNative(x._d, y._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Abs(Lanes128 x) => new(Vector128.Abs(x._a), Vector128.Abs(x._b), Vector128.Abs(x._c), Vector128.Abs(x._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Sqrt(Lanes128 x) => new(Vector128.Sqrt(x._a), Vector128.Sqrt(x._b), Vector128.Sqrt(x._c), Vector128.Sqrt(x._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 CopySign(Lanes128 magnitude, Lanes128 sign)
    {
        var mask = Vector128.Create(-0f);
        return new(
            Vector128.ConditionalSelect(mask, sign._a, magnitude._a),
            Vector128.ConditionalSelect(mask, sign._b, magnitude._b),
            Vector128.ConditionalSelect(mask, sign._c, magnitude._c),
            Vector128.ConditionalSelect(mask, sign._d, magnitude._d));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 SelectNegative(Lanes128 x, Lanes128 negative, Lanes128 other) => new(
        Vector128.ConditionalSelect(Vector128.LessThan(x._a, Vector128<float>.Zero), negative._a, other._a),
        Vector128.ConditionalSelect(Vector128.LessThan(x._b, Vector128<float>.Zero), negative._b, other._b),
        Vector128.ConditionalSelect(Vector128.LessThan(x._c, Vector128<float>.Zero), negative._c, other._c),
        Vector128.ConditionalSelect(Vector128.LessThan(x._d, Vector128<float>.Zero), negative._d, other._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 ScaleByPowerOfTwo(Lanes128 x, Lanes128 shifted) =>
        new(Scale(x._a, shifted._a), Scale(x._b, shifted._b), Scale(x._c, shifted._c), Scale(x._d, shifted._d));

    // In two steps, of which the first is exact, so that results below the normal range round once.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Scale(Vector128<float> x, Vector128<float> shifted)
    {
        var n = shifted.AsInt32() - Vector128.Create(Coefficients.RoundingBias).AsInt32();
        var half = n >> 1;
        var bias = Vector128.Create(127);
        return x * ((half + bias) << 23).AsSingle() * ((n - half + bias) << 23).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 ScaleNormal(Lanes128 x, Lanes128 shifted, Lanes128 exponent) =>
        new(ScaleNormal(x._a, shifted._a), ScaleNormal(x._b, shifted._b), ScaleNormal(x._c, shifted._c), ScaleNormal(x._d, shifted._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ScaleNormal(Vector128<float> x, Vector128<float> shifted) =>
        x * ((shifted.AsInt32() - Vector128.Create(BitConverter.SingleToInt32Bits(Coefficients.RoundingBias) - 127)) << 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Fold(Lanes128 x) => FoldQuarter((x._a + x._c) + (x._b + x._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Lanes128 x) =>
        LargestQuarter(Vector128.MaxNative(Vector128.MaxNative(x._a, x._c), Vector128.MaxNative(x._b, x._d)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float FoldQuarter(Vector128<float> x) => (x.GetElement(0) + x.GetElement(2)) + (x.GetElement(1) + x.GetElement(3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LargestQuarter(Vector128<float> x) =>
        float.MaxNative(float.MaxNative(x.GetElement(0), x.GetElement(2)), float.MaxNative(x.GetElement(1), x.GetElement(3)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 MaxMagnitude(Lanes128 magnitude, Lanes128 x) => new(
        MaxMagnitude(magnitude._a, x._a), MaxMagnitude(magnitude._b, x._b), MaxMagnitude(magnitude._c, x._c),
        MaxMagnitude(magnitude._d, x._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> MaxMagnitude(Vector128<float> magnitude, Vector128<float> x) =>
        Vector128.Max(magnitude.AsInt32(), Vector128.Abs(x).AsInt32()).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 FromInt32(int* address) => new(
        Vector128.ConvertToSingle(Vector128.Load(address)), Vector128.ConvertToSingle(Vector128.Load(address + 4)),
        Vector128.ConvertToSingle(Vector128.Load(address + 8)), Vector128.ConvertToSingle(Vector128.Load(address + 12)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 FromSBytes(Vector128<sbyte> x)
    {
        var (low, high) = (Vector128.WidenLower(x), Vector128.WidenUpper(x));
        return new(
            Vector128.ConvertToSingle(Vector128.WidenLower(low)), Vector128.ConvertToSingle(Vector128.WidenUpper(low)),
            Vector128.ConvertToSingle(Vector128.WidenLower(high)), Vector128.ConvertToSingle(Vector128.WidenUpper(high)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LowBytes(Lanes128 x) => Vector128.Narrow(
        Vector128.Narrow(x._a.AsUInt32(), x._b.AsUInt32()), Vector128.Narrow(x._c.AsUInt32(), x._d.AsUInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 DropoutFactors(uint first, uint high, uint threshold, float scale) =>
        DropoutLanes128.Factors(first, high, threshold, scale);
}
