using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.Products.Int8;

namespace SqueezeBert.Tests.Kernels.Products;

public sealed unsafe class Int8RowsTests
{
    [Fact]
    public void EncodingGivesTheBytesOfTheReference()
    {
        Random random = new(1);
        for (var repeat = 0; repeat < 200; repeat++)
        {
            int rows = random.Next(1, 5), columns = random.Next(1, 120), stride = columns + random.Next(5);
            using var source = GuardedBuffer.Random(random, rows * stride, MathF.Pow(10, random.Next(-8, 9)));
            if (random.Next(4) == 0)
                source.Span[random.Next(columns)] = Special(random.Next(6));
            Matrix x = new(source.Pointer, stride, rows, columns);
            var expected = Encode(InstructionSet.Scalar, x);
            foreach (var set in InstructionSets.Available.Where(set => set != InstructionSet.Scalar))
                Assert.Equal(expected, Encode(set, x));
        }
    }

    [Fact]
    public void NumbersAreRoundedToTheNearestEven()
    {
        float[] numbers =
            [127f, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f, 126.5f, -126.5f, 0.49999997f, 0f, -0f, -127f, 3.25f, -3.75f, 1f, 2f];
        int[] expected = [127, 0, 2, 2, 0, -2, -2, 126, -126, 0, 0, 0, -127, 3, -4, 1, 2];
        foreach (var set in InstructionSets.Available)
        {
            var encoded = Encode(set, numbers);
            Assert.Equal(expected, encoded.Numbers[..expected.Length]);
            Assert.Equal([0, 0, 0], encoded.Numbers[expected.Length..]);
            Assert.Equal(1f, encoded.Scale);
        }
    }

    [Theory]
    [InlineData(2f)]
    [InlineData(1e-30f)]
    [InlineData(3.4028235e38f)]
    [InlineData(0.1f)]
    public void TheLargestIsTheLimitAndTheScaleItsShare(float largest)
    {
        foreach (var set in InstructionSets.Available)
        {
            foreach (var sign in new[] { 1f, -1f })
            {
                var numbers = new float[37];
                numbers[36] = sign * largest;
                numbers[3] = largest / 2;
                var encoded = Encode(set, numbers);
                Assert.Equal((int)sign * 127, encoded.Numbers[36]);
                Assert.Equal(64, encoded.Numbers[3]);
                Assert.Equal(largest / 127f, encoded.Scale);
            }
        }
    }

    /// <summary>2^-100 is the smallest that counts; less is zero.</summary>
    [Theory]
    [InlineData(0f, false)]
    [InlineData(1e-45f, false)]
    [InlineData(1e-38f, false)]
    [InlineData(7.8886085e-31f, false)]
    [InlineData(7.8886091e-31f, true)]
    public void TinyRowsAreZero(float largest, bool counts)
    {
        Assert.Equal(Int8Rows.Smallest, BitConverter.Int32BitsToSingle((127 - 100) << 23));
        foreach (var set in InstructionSets.Available)
        {
            var numbers = new float[21];
            numbers[20] = -largest;
            var encoded = Encode(set, numbers);
            Assert.Equal(counts ? -127 : 0, encoded.Numbers[20]);
            Assert.Equal(counts ? largest / 127f : 0f, encoded.Scale);
            Assert.All(encoded.Numbers[..20], number => Assert.Equal(0, number));
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void ARowWithANumberThatIsNotFiniteIsNaN(float number)
    {
        foreach (var set in InstructionSets.Available)
        {
            for (var place = 0; place < 71; place++)
            {
                var numbers = Enumerable.Range(1, 71).Select(i => (float)i).ToArray();
                numbers[place] = number;
                var encoded = Encode(set, numbers);
                Assert.True(float.IsNaN(encoded.Scale), $"{set} {place}");
                Assert.All(encoded.Numbers, x => Assert.Equal(0, x));
            }
        }
    }

    private static float Special(int index) => index switch
    {
        0 => float.NaN,
        1 => float.PositiveInfinity,
        2 => float.NegativeInfinity,
        3 => float.MaxValue,
        4 => -float.Epsilon,
        _ => 1e-31f,
    };

    private static (int[] Numbers, float Scale) Encode(InstructionSet set, float[] numbers)
    {
        fixed (float* x = numbers)
        {
            var bytes = Encode(set, new Matrix(x, 1, numbers.Length));
            return ([.. bytes[..^4].Select(value => value - 128)], BitConverter.ToSingle(bytes, bytes.Length - 4));
        }
    }

    /// <summary>Of all rows, between guards.</summary>
    private static byte[] Encode(InstructionSet set, Matrix x)
    {
        var size = Int8Rows.Format.ByteCount(x.Columns);
        using GuardedBuffer target = new(x.Rows * size / sizeof(float));
        Int8Rows.Encode(set, x, new EncodedRows((byte*)target.Pointer, size, x.Rows));
        target.AssertGuards($"{set} {x.Rows}x{x.Columns}");
        return [.. new ReadOnlySpan<byte>(target.Pointer, x.Rows * size)];
    }
}
