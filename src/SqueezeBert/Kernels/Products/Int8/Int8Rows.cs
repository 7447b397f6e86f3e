using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.Products.Int8;

/// <summary>
/// Rows in int8. The elements of a slice are stored as bytes, padded with zeros to a multiple of four, followed by its scale as float32. A
/// byte is 128 larger than the number it represents, because the instructions of x86 multiply an unsigned byte by a signed one. The scale
/// is the largest magnitude divided by 127. A slice whose largest magnitude is below <see cref="Smallest"/> is zero. A slice with a number
/// that is not finite has the scale NaN.
/// </summary>
internal sealed unsafe class Int8Rows : RowFormat
{
    /// <summary>The largest magnitude of a byte.</summary>
    public const int Limit = 127;

    /// <summary>The difference between a byte and the number it represents.</summary>
    public const int Bias = 128;

    /// <summary>The number of elements that a product multiplies at a time.</summary>
    public const int Quad = PanelLayout.Quad;

    /// <summary>2^-100. Below it, a scale and its inverse would be near the limits of float32.</summary>
    public const float Smallest = 7.8886091e-31f;

    private Int8Rows()
    {
    }

    public static Int8Rows Format { get; } = new();

    /// <summary>Returns the number of bytes of a slice's elements, before its scale.</summary>
    public static int PaddedColumns(int columns) => (columns + Quad - 1) / Quad * Quad;

    public override int ByteCount(int columns) => PaddedColumns(columns) + sizeof(float);

    public override void Encode(Matrix source, EncodedRows target) => Encode(InstructionSets.Selected, source, target);

    /// <inheritdoc cref="Encode(Matrix, EncodedRows)"/>
    public static void Encode(InstructionSet set, Matrix source, EncodedRows target) =>
        InstructionSets.Run(set, new Kernel(source, target));

    [MethodImpl(LeafKernel.Compilation)]
    private static void Encode<TLanes>(Matrix source, EncodedRows target)
        where TLanes : struct, ILanes<TLanes>
    {
        int columns = source.Columns, whole = columns / LaneTail.Lanes * LaneTail.Lanes, padded = (columns + Quad - 1) / Quad * Quad;
        var x = source.Data;
        var y = target.Data;
        var tail = stackalloc byte[LaneTail.Lanes];
        for (var row = source.Rows; row > 0; row--)
        {
            TLanes largest = TLanes.Create(0f), other = largest;
            var i = 0;
            for (; i < whole - LaneTail.Lanes; i += 2 * LaneTail.Lanes)
            {
                largest = TLanes.MaxMagnitude(largest, TLanes.Load(x + i));
                other = TLanes.MaxMagnitude(other, TLanes.Load(x + i + LaneTail.Lanes));
            }

            if (i < whole)
                largest = TLanes.MaxMagnitude(largest, TLanes.Load(x + i));
            if (whole < columns)
                other = TLanes.MaxMagnitude(other, TLanes.LoadPartial(x + whole, columns - whole, 0f));
            largest = TLanes.MaxMagnitude(largest, other);

            // Where NaN is lost in a maximum, the smaller of NaN and ∞ is ∞; elsewhere it stays.
            var maximum = TLanes.Largest(TLanes.Min(largest, TLanes.Create(float.PositiveInfinity)));
            var isFinite = maximum < float.PositiveInfinity;
            var isZero = !isFinite || maximum < Smallest;
            var inverse = TLanes.Create(isZero ? 0f : Limit / maximum);
            *(float*)(y + padded) = !isFinite ? float.NaN : isZero ? 0f : maximum / Limit;
            if (isZero)
            {
                for (i = 0; i < padded; i++)
                    y[i] = Bias;
            }
            else
            {
                // The bias is even and does not change which numbers are.
                var rounding = TLanes.Create(Coefficients.RoundingBias + Bias);
                for (i = 0; i < whole; i += LaneTail.Lanes)
                    TLanes.LowBytes((TLanes.Load(x + i) * inverse) + rounding).Store(y + i);
                if (whole < columns)
                {
                    TLanes.LowBytes((TLanes.LoadPartial(x + whole, columns - whole, 0f) * inverse) + rounding).Store(tail);
                    for (i = whole; i < padded; i++)
                        y[i] = tail[i - whole];
                }
            }

            x += source.Stride;
            y += target.Stride;
        }
    }

    private readonly struct Kernel(Matrix source, EncodedRows target) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => Encode<TLanes>(source, target);

        public void RunScalar() => ScalarInt8.Encode(source, target);
    }
}
