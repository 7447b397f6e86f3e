using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Backward;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Tests.Kernels.Backward;

/// <summary>The kernels that only training uses.</summary>
public sealed unsafe class BackwardKernelTests
{
    [Fact]
    public void DropoutGivesTheBitsOfTheReference()
    {
        Random random = new(1);
        for (var repeat = 0; repeat < 200; repeat++)
        {
            var count = random.Next(1, 100);
            var key = (ulong)random.NextInt64();
            var threshold = (uint)random.NextInt64(1L << 32);
            var scale = 1f + random.NextSingle();
            var accumulate = random.Next(2) == 0;
            using GuardedBuffer x = GuardedBuffer.Random(random, count), y = GuardedBuffer.Random(random, count),
                probabilities = Probabilities(random, count);
            using GuardedBuffer expected = y.Copy(), marked = probabilities.Copy(), mixed = new(count);
            Dropout.Apply(InstructionSet.Scalar, x.Pointer, expected.Pointer, count, key, threshold, scale, accumulate);
            Dropout.Mark(InstructionSet.Scalar, marked.Pointer, mixed.Pointer, count, key, threshold, scale);
            foreach (var set in KernelSets.Exact)
            {
                using GuardedBuffer actual = y.Copy(), markedNow = probabilities.Copy(), mixedNow = new(count);
                Dropout.Apply(set, x.Pointer, actual.Pointer, count, key, threshold, scale, accumulate);
                Dropout.Mark(set, markedNow.Pointer, mixedNow.Pointer, count, key, threshold, scale);
                actual.AssertSame(expected, $"{set} dropout of {count}");
                markedNow.AssertSame(marked, $"{set} marks of {count}");
                mixedNow.AssertSame(mixed, $"{set} marked dropout of {count}");
            }
        }
    }

    [Fact]
    public void DropoutIsRight()
    {
        const int Count = 90;
        const ulong Key = 0x1234_5678_9ABC_DEF0;
        foreach (var set in InstructionSets.Available)
        {
            using GuardedBuffer x = new(Count), y = new(Count), z = new(Count);
            for (var i = 0; i < Count; i++)
                x.Span[i] = i + 1;
            Dropout.Apply(set, x.Pointer, y.Pointer, Count, Key, 1u << 30, 4f / 3, accumulate: false);
            Dropout.Mark(set, x.Pointer, z.Pointer, Count, Key, 1u << 30, 4f / 3);
            for (var i = 0; i < Count; i++)
            {
                var isDropped = DropoutHash.Bits(Key, i) < 1u << 30;
                Assert.Equal(isDropped ? 0f : (i + 1) * (4f / 3), y.Span[i]);
                Assert.Equal(y.Span[i], z.Span[i]);
                Assert.Equal(isDropped ? -(i + 1f) : i + 1f, x.Span[i]);
            }
        }
    }

    /// <summary>
    /// An avalanche: each bit of the index, or of the key's low half, changes each bit of the result in about half of all cases. The high
    /// half, which is a hash itself, is mixed in late.
    /// </summary>
    [Fact]
    public void RandomBitsDependOnEveryBitOfTheCounter()
    {
        const int Samples = 2000;
        Random random = new(2);
        for (var bit = 0; bit < 32 + 16; bit++)
        {
            var changed = new int[32];
            for (var sample = 0; sample < Samples; sample++)
            {
                var key = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
                var index = random.Next(1 << 16);
                var difference = DropoutHash.Bits(key, index)
                    ^ (bit < 32 ? DropoutHash.Bits(key ^ (1UL << bit), index) : DropoutHash.Bits(key, index ^ (1 << (bit - 32))));
                for (var i = 0; i < 32; i++)
                    changed[i] += (int)(difference >> i) & 1;
            }

            Assert.All(changed, count => Assert.InRange((double)count / Samples, 0.4, 0.6));
        }
    }

    [Fact]
    public void SoftmaxBackwardGivesTheBitsOfTheReference()
    {
        Random random = new(3);
        for (var repeat = 0; repeat < 150; repeat++)
        {
            int rows = random.Next(1, 7), stride = 16 * random.Next(1, 7);
            using GuardedBuffer p = Probabilities(random, rows * stride), dy = GuardedBuffer.Random(random, rows * stride),
                weights = new(rows * stride);
            for (var row = 0; row < rows; row++)
            {
                Dropout.Mark(p.Pointer + (row * stride), weights.Pointer + (row * stride), stride, (ulong)random.NextInt64(),
                    1u << 30, 4f / 3);
                p.Span.Slice((row * stride) + stride - 9, 9).Clear();
            }

            using var expected = dy.Copy();
            Matrix marked = new(p.Pointer, rows, stride);
            SoftmaxBackward.Run(InstructionSet.Scalar, marked, new(expected.Pointer, rows, stride), new(weights.Pointer, rows, stride),
                4f / 3, 0.125f);
            foreach (var set in KernelSets.Exact)
            {
                using GuardedBuffer actual = dy.Copy(), weightsNow = new(rows * stride);
                SoftmaxBackward.Run(set, marked, new(actual.Pointer, rows, stride), new(weightsNow.Pointer, rows, stride), 4f / 3, 0.125f);
                actual.AssertSame(expected, $"{set} softmax backward {rows}x{stride}");
                weightsNow.AssertSame(weights, $"{set} weights {rows}x{stride}");
            }
        }
    }

    [Fact]
    public void NormsBackwardGiveTheBitsOfTheReference()
    {
        Random random = new(4);
        for (var repeat = 0; repeat < 150; repeat++)
        {
            int rows = random.Next(1, 9), width = random.Next(1, 120);
            bool accumulate = random.Next(2) == 0, isLayerNorm = random.Next(2) == 0;
            using GuardedBuffer x = GuardedBuffer.Random(random, rows * width, 3f), dy = GuardedBuffer.Random(random, rows * width),
                dx = GuardedBuffer.Random(random, rows * width);
            using GuardedBuffer weight = GuardedBuffer.Random(random, width), dweight = GuardedBuffer.Random(random, width),
                dbias = GuardedBuffer.Random(random, width);
            using GuardedBuffer mean = GuardedBuffer.Random(random, rows), inverse = GuardedBuffer.Random(random, rows);
            using GuardedBuffer expectedX = dx.Copy(), expectedWeight = dweight.Copy(), expectedBias = dbias.Copy();
            Run(InstructionSet.Scalar, expectedX, expectedWeight, expectedBias);
            foreach (var set in KernelSets.Exact)
            {
                using GuardedBuffer actualX = dx.Copy(), actualWeight = dweight.Copy(), actualBias = dbias.Copy();
                Run(set, actualX, actualWeight, actualBias);
                actualX.AssertSame(expectedX, $"{set} dx {rows}x{width}");
                actualWeight.AssertSame(expectedWeight, $"{set} dweight {rows}x{width}");
                actualBias.AssertSame(expectedBias, $"{set} dbias {rows}x{width}");
            }

            void Run(InstructionSet set, GuardedBuffer dxNow, GuardedBuffer dweightNow, GuardedBuffer dbiasNow)
            {
                Matrix input = new(x.Pointer, rows, width), gradient = new(dy.Pointer, rows, width),
                    target = new(dxNow.Pointer, rows, width);
                if (isLayerNorm)
                {
                    NormBackward.LayerNorm(
                        set, input, gradient, weight.Pointer, mean.Pointer, inverse.Pointer, target, accumulate, dweightNow.Pointer,
                        dbiasNow.Pointer);
                }
                else
                {
                    NormBackward.NoNorm(set, input, gradient, weight.Pointer, target, accumulate, dweightNow.Pointer, dbiasNow.Pointer);
                }
            }
        }
    }

    [Fact]
    public void AdamWGivesTheBitsOfTheReference()
    {
        Random random = new(5);
        for (var repeat = 0; repeat < 100; repeat++)
        {
            var count = random.Next(1, 100);
            AdamWFactors factors = new()
            {
                Gradient = random.NextSingle(),
                First = 0.1f,
                Second = 0.999f,
                SecondRest = 0.001f,
                Correction = 0.3f,
                Epsilon = 1e-8f,
                StepSize = random.NextSingle(),
                Keep = 0.99f,
            };
            using GuardedBuffer value = GuardedBuffer.Random(random, count), g = GuardedBuffer.Random(random, count),
                m = GuardedBuffer.Random(random, count), v = Probabilities(random, count);
            using GuardedBuffer expectedValue = value.Copy(), expectedM = m.Copy(), expectedV = v.Copy();
            AdamWUpdate.Run(InstructionSet.Scalar, expectedValue.Pointer, g.Pointer, expectedM.Pointer, expectedV.Pointer, count, factors);
            foreach (var set in KernelSets.Exact)
            {
                using GuardedBuffer actualValue = value.Copy(), actualM = m.Copy(), actualV = v.Copy();
                AdamWUpdate.Run(set, actualValue.Pointer, g.Pointer, actualM.Pointer, actualV.Pointer, count, factors);
                actualValue.AssertSame(expectedValue, $"{set} value");
                actualM.AssertSame(expectedM, $"{set} first moment");
                actualV.AssertSame(expectedV, $"{set} second moment");
            }
        }
    }

    [Fact]
    public void LambGivesTheBitsOfTheReference()
    {
        Random random = new(8);
        for (var repeat = 0; repeat < 100; repeat++)
        {
            var count = random.Next(1, 100);
            LambFactors factors = new()
            {
                Gradient = random.NextSingle(),
                First = 0.1f,
                Second = 0.999f,
                SecondRest = 0.001f,
                FirstCorrection = 1 + random.NextSingle(),
                Correction = 0.3f,
                Epsilon = 1e-6f,
                Decay = random.NextSingle(),
            };
            using GuardedBuffer value = GuardedBuffer.Random(random, count), g = GuardedBuffer.Random(random, count),
                m = GuardedBuffer.Random(random, count), v = Probabilities(random, count);
            using GuardedBuffer expectedG = g.Copy(), expectedM = m.Copy(), expectedV = v.Copy();
            LambDirection.Run(
                InstructionSet.Scalar, value.Pointer, expectedG.Pointer, expectedM.Pointer, expectedV.Pointer, count, factors);
            foreach (var set in KernelSets.Exact)
            {
                using GuardedBuffer actualG = g.Copy(), actualM = m.Copy(), actualV = v.Copy();
                LambDirection.Run(set, value.Pointer, actualG.Pointer, actualM.Pointer, actualV.Pointer, count, factors);
                actualG.AssertSame(expectedG, $"{set} direction");
                actualM.AssertSame(expectedM, $"{set} first moment");
                actualV.AssertSame(expectedV, $"{set} second moment");
            }
        }
    }

    [Fact]
    public void AddTransposedGivesTheBitsOfTheReference()
    {
        // On both sides of the blocks of terms and rows, and of the size from which the inputs are copied.
        (int Terms, int Rows, int Columns)[] edges =
            [(300, 385, 90), (257, 193, 43), (129, 192, 43), (128, 192, 42), (130, 64, 128), (127, 63, 130), (256, 200, 64)];
        Random random = new(6);
        for (var repeat = 0; repeat < 80; repeat++)
        {
            int terms = random.Next(4) == 0 ? random.Next(0, 700) : random.Next(0, 40),
                rows = random.Next(5) == 0 ? random.Next(1, 300) : random.Next(1, 60), columns = random.Next(1, 140);
            if (repeat < edges.Length) (terms, rows, columns) = edges[repeat];
            int aStride = rows + random.Next(9), bStride = columns + random.Next(9), cStride = columns + random.Next(9);
            using GuardedBuffer a = GuardedBuffer.Random(random, terms * aStride), b = GuardedBuffer.Random(random, terms * bStride),
                c = GuardedBuffer.Random(random, rows * cStride);
            using GuardedBuffer sums = GuardedBuffer.Random(random, rows), expected = c.Copy(), expectedSums = sums.Copy();
            Matrix left = new(a.Pointer, aStride, terms, rows), right = new(b.Pointer, bStride, terms, columns);
            MatrixMultiply.AddTransposed(
                InstructionSet.Scalar, left, right, new(expected.Pointer, cStride, rows, columns), expectedSums.Pointer);
            foreach (var set in KernelSets.Exact)
            {
                using GuardedBuffer actual = c.Copy(), actualSums = sums.Copy();
                MatrixMultiply.AddTransposed(
                    set, left, right, new(actual.Pointer, cStride, rows, columns), repeat % 2 == 0 ? actualSums.Pointer : null);
                actual.AssertSame(expected, $"{set} {terms}x{rows}x{columns}");
                if (repeat % 2 == 0)
                    actualSums.AssertSame(expectedSums, $"{set} sums {terms}x{rows}");
            }
        }
    }

    private static GuardedBuffer Probabilities(Random random, int count)
    {
        var buffer = GuardedBuffer.Random(random, count);
        foreach (ref var x in buffer.Span)
            x = MathF.Abs(x);
        return buffer;
    }
}
