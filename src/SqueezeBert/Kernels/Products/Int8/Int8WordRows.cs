using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SqueezeBert.Kernels.Products.Int8;

/// <summary>
/// The rows of <see cref="Int8Rows"/> for <see cref="Int8Layout.Words"/>. Four elements x0 to x3 are stored as the words x0, x2, x1, x3,
/// so that 32 bits hold the first elements of two pairs and the next 32 bits the second ones. The scale follows, and then minus the sum of
/// the products x0·x1 of all pairs, which is what the sums of <see cref="Microkernels.IWordSimd{TVector}"/> have too much.
/// </summary>
internal sealed unsafe class Int8WordRows : RowFormat
{
    private const uint Bias = 0x80808080;

    private Int8WordRows()
    {
    }

    public static Int8WordRows Format { get; } = new();

    /// <summary>Returns the number of bytes of a slice's elements, before its scale.</summary>
    public static int ElementBytes(int columns) => Int8Rows.PaddedColumns(columns) * sizeof(short);

    public override int ByteCount(int columns) => ElementBytes(columns) + sizeof(float) + sizeof(int);

    public override void Encode(Matrix source, EncodedRows target) => Encode(InstructionSets.Selected, source, target);

    /// <inheritdoc cref="Encode(Matrix, EncodedRows)"/>
    public static void Encode(InstructionSet set, Matrix source, EncodedRows target)
    {
        // The bytes begin in the middle of the words that replace them from front to back, and their scale is where it belongs.
        var padded = Int8Rows.PaddedColumns(source.Columns);
        Int8Rows.Encode(set, source, target.Skip(padded));
        Widen(target, padded);
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void Widen(EncodedRows target, int padded)
    {
        var y = target.Data;
        for (var row = target.Count; row > 0; row--)
        {
            var x = y + padded;
            var sums = Vector128<int>.Zero;
            var i = 0;
            for (; i <= padded - 16; i += 16)
            {
                var bytes = Vector128.Shuffle(
                    Vector128.Load(x + i) ^ Vector128.Create(Bias).AsByte(),
                    Vector128.Create((byte)0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15)).AsSByte();
                Vector128<short> low = Vector128.WidenLower(bytes), high = Vector128.WidenUpper(bytes);
                low.Store((short*)y + i);
                high.Store((short*)y + i + 8);
                sums += Products(low) + Products(high);
            }

            var sum = Vector128.Sum(sums);
            for (; i < padded; i += Int8Rows.Quad)
            {
                var quad = *(uint*)(x + i) ^ Bias;
                short x0 = (sbyte)quad, x1 = (sbyte)(quad >> 8), x2 = (sbyte)(quad >> 16), x3 = (sbyte)(quad >> 24);
                var words = (short*)y + i;
                words[0] = x0;
                words[1] = x2;
                words[2] = x1;
                words[3] = x3;
                sum += (x0 * x1) + (x2 * x3);
            }

            *(int*)(x + padded + sizeof(float)) = -sum;
            y += target.Stride;
        }
    }

    /// <summary>The products of the pairs of two quads, in lanes 0 and 2; the other lanes are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Products(Vector128<short> words)
    {
        // Lane 0 is (x0, x2) and lane 1 is (x1, x3).
        var first = words.AsInt32();
        var second = (words.AsUInt64() >> 32).AsInt32();
        return (((first << 16) >> 16) * ((second << 16) >> 16)) + ((first >> 16) * (second >> 16));
    }
}
