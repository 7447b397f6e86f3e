using System.Runtime.Intrinsics;

namespace SqueezeBert.Kernels.Lanes;

/// <summary>
/// 16 float32 numbers, in as many registers as the instruction set needs. Kernels other than matrix products are written once over this
/// type. All instruction sets have the same 16 lanes, so their reductions have the same order and therefore the same bits.
/// </summary>
internal unsafe interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    static abstract TSelf Create(float value);

    static abstract TSelf Load(float* address);

    static abstract void Store(TSelf x, float* address);

    /// <summary>Loads the first lanes from memory and reads nothing beyond them. The other lanes are <paramref name="fill"/>.</summary>
    static abstract TSelf LoadPartial(float* address, nint count, float fill);

    /// <summary>Writes only the first lanes.</summary>
    static abstract void StorePartial(TSelf x, float* address, nint count);

    static abstract TSelf operator +(TSelf x, TSelf y);

    static abstract TSelf operator -(TSelf x, TSelf y);

    static abstract TSelf operator *(TSelf x, TSelf y);

    static abstract TSelf operator /(TSelf x, TSelf y);

    /// <summary>x·y + addend with one rounding (two on processors without FMA).</summary>
    static abstract TSelf MultiplyAdd(TSelf x, TSelf y, TSelf addend);

    /// <summary>addend - x·y with one rounding (two on processors without FMA).</summary>
    static abstract TSelf NegatedMultiplyAdd(TSelf x, TSelf y, TSelf addend);

    /// <summary>The smaller number. It is y if y is NaN, and either of two zeros.</summary>
    static abstract TSelf Min(TSelf x, TSelf y);

    /// <summary>The larger number. It is y if y is NaN, and either of two zeros.</summary>
    static abstract TSelf Max(TSelf x, TSelf y);

    static abstract TSelf Abs(TSelf x);

    static abstract TSelf Sqrt(TSelf x);

    static abstract TSelf CopySign(TSelf magnitude, TSelf sign);

    /// <summary>x &lt; 0 ? negative : other, lane by lane. NaN gives other.</summary>
    static abstract TSelf SelectNegative(TSelf x, TSelf negative, TSelf other);

    /// <summary>
    /// x·2ⁿ, rounded once, for n from -150 to 128. n is in the low bits of <paramref name="shifted"/>, which is n +
    /// <see cref="Coefficients.RoundingBias"/>.
    /// </summary>
    static abstract TSelf ScaleByPowerOfTwo(TSelf x, TSelf shifted);

    /// <summary>Like <see cref="ScaleByPowerOfTwo"/>, for results in the normal range only. <paramref name="exponent"/> is n.</summary>
    static abstract TSelf ScaleNormal(TSelf x, TSelf shifted, TSelf exponent);

    /// <summary>The sum of the lanes, which are folded in halves: 8, 4, 2, 1.</summary>
    static abstract float Fold(TSelf x);

    /// <summary>The largest lane.</summary>
    static abstract float Largest(TSelf x);

    /// <summary>The larger of a magnitude and |x|. A NaN counts as larger than all numbers.</summary>
    static abstract TSelf MaxMagnitude(TSelf magnitude, TSelf x);

    /// <summary>Converts 16 integers to the nearest numbers.</summary>
    static abstract TSelf FromInt32(int* address);

    /// <summary>Converts 16 signed bytes to numbers.</summary>
    static abstract TSelf FromSBytes(Vector128<sbyte> x);

    /// <summary>
    /// The low byte of each lane as an integer. After adding <see cref="Coefficients.RoundingBias"/> to numbers of at most 8 bits, these
    /// are the nearest even integers.
    /// </summary>
    static abstract Vector128<byte> LowBytes(TSelf x);

    /// <summary>
    /// Returns the dropout factors of 16 elements: <paramref name="scale"/> for elements that are kept, and 0 for elements that are
    /// dropped.
    /// </summary>
    /// <param name="first"><see cref="DropoutHash.Counter"/> of the first element.</param>
    /// <param name="high">The high half of the row's key.</param>
    /// <param name="threshold">The threshold of the bits below which an element is dropped.</param>
    /// <param name="scale">The factor of the elements that are kept.</param>
    static abstract TSelf DropoutFactors(uint first, uint high, uint threshold, float scale);
}
