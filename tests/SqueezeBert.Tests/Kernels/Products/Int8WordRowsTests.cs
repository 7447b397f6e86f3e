using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products.Int8;

namespace SqueezeBert.Tests.Kernels.Products;

public sealed unsafe class Int8WordRowsTests
{
    /// <summary>All lengths of a tail, and the largest and smallest numbers everywhere.</summary>
    [Fact]
    public void WordsAreTheReorderedBytes()
    {
        Random random = new(1);
        foreach (var set in InstructionSets.Available)
        {
            for (var columns = 1; columns < 70; columns++)
            {
                const int Rows = 4;
                using var source = GuardedBuffer.Random(random, Rows * columns);
                source.Span.Slice(columns, columns).Fill(1f);
                source.Span.Slice(2 * columns, columns).Fill(-1f);
                source.Span[3 * columns] = columns % 3 == 0 ? float.NaN : 0f;
                Matrix x = new(source.Pointer, Rows, columns);
                int bytesStride = Int8Rows.Format.ByteCount(columns), wordsStride = Int8WordRows.Format.ByteCount(columns) + 12;
                using GuardedBuffer bytes = new(Rows * bytesStride / sizeof(float)), words = new(Rows * wordsStride / sizeof(float));
                Int8Rows.Encode(InstructionSet.Scalar, x, new((byte*)bytes.Pointer, bytesStride, Rows));
                Int8WordRows.Encode(set, x, new((byte*)words.Pointer, wordsStride, Rows));
                words.AssertGuards($"{set} {columns}");
                for (var row = 0; row < Rows; row++)
                {
                    byte* expected = (byte*)bytes.Pointer + (row * bytesStride), actual = (byte*)words.Pointer + (row * wordsStride);
                    AssertSame(expected, actual, Int8Rows.PaddedColumns(columns));
                }
            }
        }
    }

    /// <summary>A row as long as a sum may be: the sum of its pairs fits.</summary>
    [Fact]
    public void TheLongestRowHasTheSumOfItsPairs()
    {
        const int Columns = Int8Matrix.MaxTerms;
        using GuardedBuffer source = new(Columns), words = new(Int8WordRows.Format.ByteCount(Columns) / sizeof(float));
        source.Span.Fill(-3f);
        Int8WordRows.Encode(InstructionSets.Selected, new Matrix(source.Pointer, 1, Columns), new((byte*)words.Pointer, 0, 1));
        words.AssertGuards("words");
        Assert.Equal(
            -127 * 127 * (Columns / 2), *(int*)((byte*)words.Pointer + Int8WordRows.ElementBytes(Columns) + sizeof(float)));
    }

    private static void AssertSame(byte* bytes, byte* words, int padded)
    {
        ReadOnlySpan<int> order = [0, 2, 1, 3];
        var pairs = 0;
        for (var i = 0; i < padded; i++)
            Assert.Equal(bytes[(i / 4 * 4) + order[i % 4]] - Int8Rows.Bias, ((short*)words)[i]);
        for (var i = 0; i < padded; i += 2)
            pairs += (bytes[i] - Int8Rows.Bias) * (bytes[i + 1] - Int8Rows.Bias);
        var scale = (int*)(words + (padded * sizeof(short)));
        Assert.Equal(*(int*)(bytes + padded), scale[0]);
        Assert.Equal(-pairs, scale[1]);
    }
}
