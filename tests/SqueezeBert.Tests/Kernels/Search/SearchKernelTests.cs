using System.Numerics;
using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products.Int8;
using SqueezeBert.Kernels.Search;

namespace SqueezeBert.Tests.Kernels.Search;

public sealed unsafe class SearchKernelTests
{
    private static IEnumerable<Int8Form> Forms => Int8Dots.Available.Where(form => form != Int8Form.Scalar);

    private static IEnumerable<InstructionSet> Sets => InstructionSets.Available.Where(set => set != InstructionSet.Scalar);

    [Fact]
    public void SumsOfBytesAreThoseOfTheReference()
    {
        Random random = new(1);
        for (var repeat = 0; repeat < 100; repeat++)
        {
            int width = Int8Dots.RowMultiple * random.Next(1, 14), count = random.Next(0, 20);
            var query = new sbyte[width];
            foreach (ref var x in query.AsSpan()) x = (sbyte)random.Next(-127, 128);

            // A damaged file may have -128.
            var rows = new sbyte[(count * width) + 1];
            foreach (ref var x in rows.AsSpan()) x = (sbyte)random.Next(-128, 128);
            AssertSums(query, rows, count);
        }
    }

    /// <summary>Every product at its largest, and as many of them as a row may have.</summary>
    [Theory]
    [InlineData(127, 127)]
    [InlineData(127, -128)]
    [InlineData(-127, 127)]
    [InlineData(-127, -128)]
    public void TheLargestSumsAreExact(int x, int y)
    {
        var query = new sbyte[Int8Dots.MaxWidth];
        var rows = new sbyte[2 * Int8Dots.MaxWidth];
        query.AsSpan().Fill((sbyte)x);
        rows.AsSpan().Fill((sbyte)y);
        var expected = (long)x * y * Int8Dots.MaxWidth;
        Assert.Equal([(int)expected, (int)expected], AssertSums(query, rows, 2));
        Assert.Equal(expected, (int)expected);
    }

    [Fact]
    public void ProductsOfNumbersHaveTheBitsOfTheReference()
    {
        Random random = new(2);
        for (var repeat = 0; repeat < 100; repeat++)
        {
            int width = Float32Dots.RowMultiple * random.Next(1, 30), count = random.Next(0, 20);
            using GuardedBuffer query = GuardedBuffer.Random(random, width), rows = GuardedBuffer.Random(random, (count * width) + 1),
                dots = GuardedBuffer.Random(random, count + 1);
            if (random.Next(5) == 0 && count > 0) rows.Span[random.Next(count * width)] = float.NaN;
            using var expected = dots.Copy();
            Float32Dots.Run(InstructionSet.Scalar, query.Pointer, width, rows.Pointer, count, expected.Pointer);
            foreach (var set in KernelSets.Exact)
            {
                using var actual = dots.Copy();
                Float32Dots.Run(set, query.Pointer, width, rows.Pointer, count, actual.Pointer);
                actual.AssertSame(expected, $"{set} {count} rows of {width}");
            }

            for (var row = 0; row < count; row++)
            {
                var exact = 0.0;
                for (var i = 0; i < width; i++) exact += (double)query.Span[i] * rows.Span[(row * width) + i];
                if (!double.IsNaN(exact)) Assert.Equal(exact, expected.Span[row], 1e-4);
            }
        }
    }

    [Fact]
    public void DifferingBitsAreCounted()
    {
        Random random = new(3);
        for (var repeat = 0; repeat < 200; repeat++)
        {
            int words = repeat == 0 ? 1024 : random.Next(1, 40), count = random.Next(0, 20);
            ulong[] query = [.. Enumerable.Range(0, words).Select(_ => (ulong)random.NextInt64(long.MinValue, long.MaxValue))];
            ulong[] rows = [.. Enumerable.Range(0, words * count).Select(_ => (ulong)random.NextInt64(long.MinValue, long.MaxValue)), 0];

            // All bits differ: the largest sum.
            if (count > 0 && random.Next(3) == 0) for (var i = 0; i < words; i++) rows[i] = ~query[i];
            var expected = new int[count];
            for (var row = 0; row < count; row++)
            {
                for (var i = 0; i < words; i++) expected[row] += BitOperations.PopCount(query[i] ^ rows[(row * words) + i]);
            }

            foreach (var set in Sets.Append(InstructionSet.Scalar))
            {
                var actual = new int[count + 1];
                actual[count] = 7;
                fixed (ulong* q = query, r = rows)
                fixed (int* distances = actual) SignDistances.Run(set, q, words, r, count, distances);
                Assert.Equal([.. expected, 7], actual);
            }
        }
    }

    [Fact]
    public void TheFormIsOneOfTheProcessor()
    {
        Assert.Contains(Int8Dots.Selected, Int8Dots.Available);
        Assert.Equal(Int8Form.Scalar, Int8Dots.For(InstructionSet.Scalar));
        foreach (var set in InstructionSets.Available) Assert.Contains(Int8Dots.For(set), Int8Dots.Available);
    }

    private static int[] AssertSums(sbyte[] query, sbyte[] rows, int count)
    {
        short[] words = [.. query.Select(x => (short)x)];
        var expected = new int[count + 1];
        expected[count] = 7;
        fixed (sbyte* q = query, r = rows)
        fixed (short* w = words)
        fixed (int* sums = expected)
        {
            var prepared = new Int8Query(q, w, query.Length, query.Sum(x => x));
            Int8Dots.Run(Int8Form.Scalar, prepared, r, count, sums);
            foreach (var form in Forms)
            {
                var actual = new int[count + 1];
                actual[count] = 7;
                fixed (int* own = actual) Int8Dots.Run(form, prepared, r, count, own);
                Assert.True(expected.AsSpan().SequenceEqual(actual), $"{form} {count} rows of {query.Length}");
            }
        }

        return expected[..count];
    }
}
