using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Tests.Kernels.RowWise;

public sealed unsafe class ElementwiseTests
{
    private static readonly float[] Specials =
    [
        0f, -0f, 1f, -1f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.Epsilon, -float.Epsilon, 1e-39f, -1e-39f,
        float.MaxValue, float.MinValue,
        88.7f, 88.8f, -87.4f, -103.9f, -104.1f, 6f, -6f, 6.1f, -6.1f, 0.5f, -0.5f, 20f, -20f, 1e4f, -1e4f, 1e-20f, -1e-20f,
    ];

    public static TheoryData<Activation> AllActivations => [.. Enum.GetValues<Activation>()];

    [Theory]
    [MemberData(nameof(AllActivations))]
    public void ActivationsGiveTheBitsOfTheReference(Activation activation)
    {
        Random random = new((int)activation);
        for (var repeat = 0; repeat < 60; repeat++)
        {
            var count = random.Next(1, 150);
            using GuardedBuffer x = GuardedBuffer.Random(random, count, MathF.Pow(10f, random.Next(-3, 3))),
                dy = GuardedBuffer.Random(random, count);
            for (var i = random.Next(4); i < count; i += random.Next(1, 9))
                x.Span[i] = Specials[random.Next(Specials.Length)];
            using GuardedBuffer y = x.Copy(), dx = dy.Copy();
            Activations.Apply(InstructionSet.Scalar, activation, x.Pointer, y.Pointer, count);
            Activations.Backward(InstructionSet.Scalar, activation, x.Pointer, dy.Pointer, dx.Pointer, count);
            foreach (var set in KernelSets.Exact)
            {
                using GuardedBuffer actual = x.Copy(), gradient = dy.Copy();
                Activations.Apply(set, activation, actual.Pointer, actual.Pointer, count);
                actual.AssertSame(y, $"{set} {activation}");
                Activations.Backward(set, activation, x.Pointer, gradient.Pointer, gradient.Pointer, count);
                gradient.AssertSame(dx, $"{set} {activation} backward");
            }
        }
    }

    /// <summary>For processors without fused multiply-add, whose vector forms have other bits than the reference.</summary>
    [Theory]
    [MemberData(nameof(AllActivations))]
    public void ActivationsAreNearTheReferenceInEveryInstructionSet(Activation activation)
    {
        const int Count = 4001;
        using GuardedBuffer x = new(Count), dy = new(Count), y = new(Count), dx = new(Count), expectedY = new(Count),
            expectedDx = new(Count);
        for (var i = 0; i < Count; i++)
            (x.Span[i], dy.Span[i]) = ((i - 2000) / 100f, 1f);
        Activations.Apply(InstructionSet.Scalar, activation, x.Pointer, expectedY.Pointer, Count);
        Activations.Backward(InstructionSet.Scalar, activation, x.Pointer, dy.Pointer, expectedDx.Pointer, Count);
        foreach (var set in InstructionSets.Available)
        {
            Activations.Apply(set, activation, x.Pointer, y.Pointer, Count);
            Activations.Backward(set, activation, x.Pointer, dy.Pointer, dx.Pointer, Count);
            for (var i = 0; i < Count; i++)
            {
                Assert.Equal(expectedY.Span[i], y.Span[i], 1e-6f * MathF.Max(1f, MathF.Abs(x.Span[i])));
                Assert.Equal(expectedDx.Span[i], dx.Span[i], 2e-6f);
            }
        }
    }

    [Fact]
    public void ArithmeticGivesTheBitsOfTheReference()
    {
        Random random = new(1);
        for (var repeat = 0; repeat < 100; repeat++)
        {
            int count = random.Next(0, 150), columns = random.Next(1, 50), rows = random.Next(0, 8), stride = columns + random.Next(4);
            using GuardedBuffer x = GuardedBuffer.Random(random, count), y = GuardedBuffer.Random(random, count);
            using GuardedBuffer matrix = GuardedBuffer.Random(random, rows * stride), bias = GuardedBuffer.Random(random, columns);
            using GuardedBuffer added = x.Copy(), fused = y.Copy(), scaled = x.Copy(), sums = bias.Copy();
            Elementwise.Add(InstructionSet.Scalar, x.Pointer, y.Pointer, added.Pointer, count);
            Elementwise.AddScaled(InstructionSet.Scalar, 0.3f, x.Pointer, fused.Pointer, count);
            Elementwise.Scale(InstructionSet.Scalar, 0.3f, x.Pointer, scaled.Pointer, count);
            Elementwise.AddColumnSums(InstructionSet.Scalar, new(matrix.Pointer, stride, rows, columns), sums.Pointer);
            foreach (var set in KernelSets.Exact)
            {
                using GuardedBuffer addedNow = x.Copy(), fusedNow = y.Copy(), scaledNow = x.Copy(), sumsNow = bias.Copy();
                Elementwise.Add(set, addedNow.Pointer, y.Pointer, addedNow.Pointer, count);
                Elementwise.AddScaled(set, 0.3f, x.Pointer, fusedNow.Pointer, count);
                Elementwise.Scale(set, 0.3f, scaledNow.Pointer, scaledNow.Pointer, count);
                Elementwise.AddColumnSums(set, new(matrix.Pointer, stride, rows, columns), sumsNow.Pointer);
                addedNow.AssertSame(added, $"{set} Add");
                fusedNow.AssertSame(fused, $"{set} AddScaled");
                scaledNow.AssertSame(scaled, $"{set} Scale");
                sumsNow.AssertSame(sums, $"{set} AddColumnSums");
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(100)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(20000)]
    public void SumsGiveTheBitsOfTheReferenceHoweverTheyAreDivided(int count)
    {
        using var x = GuardedBuffer.Random(new Random(count), count);
        double sum = Elementwise.Sum(InstructionSet.Scalar, x.Pointer, count),
            squares = Elementwise.SumOfSquares(InstructionSet.Scalar, x.Pointer, count);
        Assert.Equal(x.Span.ToArray().Sum(v => (double)v), sum, 1e-3);
        Assert.Equal(x.Span.ToArray().Sum(v => (double)v * v), squares, 1e-6 * count);
        foreach (var set in KernelSets.Exact)
        {
            Assert.Equal(sum, Elementwise.Sum(set, x.Pointer, count));
            Assert.Equal(squares, Elementwise.SumOfSquares(set, x.Pointer, count));
        }

        double parts = 0;
        for (var start = 0; start < count; start += Elementwise.ChunkSize)
            parts += Elementwise.Sum(x.Pointer + start, Math.Min(Elementwise.ChunkSize, count - start));
        Assert.Equal(Elementwise.Sum(x.Pointer, count), parts);
    }

    /// <summary>Row and factor of each id are looked up first; the product is rounded before it is added.</summary>
    [Fact]
    public void EmbeddingsFollowAMappingAndHaveFactors()
    {
        Random random = new(3);
        var ids = stackalloc int[9];
        var tables = stackalloc EmbeddingLookup[2];
        for (var repeat = 0; repeat < 40; repeat++)
        {
            int width = random.Next(1, 70), rows = random.Next(1, 9);
            using GuardedBuffer words = GuardedBuffer.Random(random, 3 * width), others = GuardedBuffer.Random(random, 7 * width),
                mapping = GuardedBuffer.Random(random, 7), factors = GuardedBuffer.Random(random, 7);
            for (var i = 0; i < 7; i++) mapping.Span[i] = random.Next(3);
            for (var i = 0; i < rows; i++) ids[i] = random.Next(7);
            (tables[0], tables[1]) = (
                new(others.Pointer, ids, null, factors.Pointer), new(words.Pointer, ids, mapping.Pointer, factors.Pointer));
            using GuardedBuffer before = GuardedBuffer.Random(random, rows * width), expected = before.Copy();
            for (var i = 0; i < rows; i++)
            {
                for (var j = 0; j < width; j++)
                {
                    var first = factors.Span[ids[i]] * others.Span[(ids[i] * width) + j];
                    var second = factors.Span[ids[i]] * words.Span[((int)mapping.Span[ids[i]] * width) + j];
                    expected.Span[(i * width) + j] = first + second;
                }
            }

            foreach (var set in InstructionSets.Available)
            {
                using var actual = before.Copy();
                Embedding.Sum(set, tables, 2, new(actual.Pointer, width, rows, width));
                actual.AssertSame(expected, set.ToString());
            }
        }
    }

    [Fact]
    public void EmbeddingsAreSummedInTheOrderOfTheTables()
    {
        Random random = new(2);
        int* wordIds = stackalloc int[9], positionIds = stackalloc int[9];
        var tables = stackalloc EmbeddingLookup[3];
        for (var repeat = 0; repeat < 60; repeat++)
        {
            int width = random.Next(1, 70), rows = random.Next(1, 9), stride = width + random.Next(4), count = random.Next(1, 4);
            using GuardedBuffer words = GuardedBuffer.Random(random, 5 * width), positions = GuardedBuffer.Random(random, 5 * width),
                types = GuardedBuffer.Random(random, width);
            for (var i = 0; i < rows; i++)
                (wordIds[i], positionIds[i]) = (random.Next(5), random.Next(5));
            (tables[0], tables[1], tables[2]) = (new(words.Pointer, wordIds), new(positions.Pointer, positionIds),
                new(types.Pointer, null));
            using GuardedBuffer before = GuardedBuffer.Random(random, rows * stride), expected = before.Copy();
            for (var i = 0; i < rows; i++)
            {
                for (var j = 0; j < width; j++)
                {
                    var sum = words.Span[(wordIds[i] * width) + j];
                    if (count > 1)
                        sum += positions.Span[(positionIds[i] * width) + j];
                    if (count > 2)
                        sum += types.Span[j];
                    expected.Span[(i * stride) + j] = sum;
                }
            }

            foreach (var set in InstructionSets.Available)
            {
                using var actual = before.Copy();
                Embedding.Sum(set, tables, count, new(actual.Pointer, stride, rows, width));
                actual.AssertSame(expected, set.ToString());
            }
        }
    }
}
