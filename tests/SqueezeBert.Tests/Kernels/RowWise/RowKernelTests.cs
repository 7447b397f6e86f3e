using SqueezeBert.Kernels;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Tests.Kernels.RowWise;

public sealed unsafe class RowKernelTests
{
    [Fact]
    public void NormsGiveTheBitsOfTheReference()
    {
        Random random = new(1);
        for (var repeat = 0; repeat < 150; repeat++)
        {
            int rows = random.Next(1, 12), width = random.Next(1, 120), xStride = width + random.Next(5), yStride = width + random.Next(5);
            using GuardedBuffer x = GuardedBuffer.Random(random, rows * xStride, 3f), y = GuardedBuffer.Random(random, rows * yStride);
            using GuardedBuffer weight = GuardedBuffer.Random(random, width), bias = GuardedBuffer.Random(random, width);
            Matrix from = new(x.Pointer, xStride, rows, width);
            using GuardedBuffer normed = y.Copy(), mean = new(rows), inverse = new(rows), scaled = y.Copy();
            LayerNorm.Forward(
                InstructionSet.Scalar, from, weight.Pointer, bias.Pointer, 1e-12f, new(normed.Pointer, yStride, rows, width), mean.Pointer,
                    inverse.Pointer);
            NoNorm.Forward(InstructionSet.Scalar, from, weight.Pointer, bias.Pointer, new(scaled.Pointer, yStride, rows, width));
            foreach (var set in KernelSets.Exact)
            {
                using GuardedBuffer actual = y.Copy(), meanNow = new(rows), inverseNow = new(rows);
                LayerNorm.Forward(
                    set, from, weight.Pointer, bias.Pointer, 1e-12f, new(actual.Pointer, yStride, rows, width), meanNow.Pointer,
                    inverseNow.Pointer);
                actual.AssertSame(normed, $"{set} LayerNorm {rows}x{width}");
                meanNow.AssertSame(mean, $"{set} mean");
                inverseNow.AssertSame(inverse, $"{set} deviation");
                NoNorm.Forward(set, from, weight.Pointer, bias.Pointer, new(actual.Pointer, yStride, rows, width));
                actual.AssertSame(scaled, $"{set} NoNorm {rows}x{width}");

                using GuardedBuffer inPlace = x.Copy(), expected = x.Copy();
                LayerNorm.Forward(InstructionSet.Scalar, from, weight.Pointer, bias.Pointer, 1e-5f,
                    new(expected.Pointer, xStride, rows, width), null, null);
                Matrix both = new(inPlace.Pointer, xStride, rows, width);
                LayerNorm.Forward(set, both, weight.Pointer, bias.Pointer, 1e-5f, both, null, null);
                inPlace.AssertSame(expected, $"{set} LayerNorm in place {rows}x{width}");
            }
        }
    }

    [Fact]
    public void LayerNormIsRight()
    {
        const int Width = 77;
        using GuardedBuffer x = GuardedBuffer.Random(new Random(2), Width, 5f), y = new(Width),
            weight = GuardedBuffer.Random(new Random(3), Width), bias = new(Width);
        bias.Span.Fill(0.25f);
        double mean = x.Span.ToArray().Average(v => (double)v), variance = x.Span.ToArray().Average(v => (v - mean) * (v - mean));
        foreach (var set in InstructionSets.Available)
        {
            LayerNorm.Forward(set, new(x.Pointer, 1, Width), weight.Pointer, bias.Pointer, 1e-3f, new(y.Pointer, 1, Width), null, null);
            for (var i = 0; i < Width; i++)
                Assert.Equal(((x.Span[i] - mean) / Math.Sqrt(variance + 1e-3) * weight.Span[i]) + 0.25, y.Span[i], 1e-6);
        }
    }

    [Fact]
    public void SoftmaxGivesTheBitsOfTheReference()
    {
        Random random = new(4);
        for (var repeat = 0; repeat < 150; repeat++)
        {
            int rows = random.Next(1, 6), columns = random.Next(1, 100), stride = columns + random.Next(5);
            using var x = GuardedBuffer.Random(random, rows * stride, MathF.Pow(10f, random.Next(-1, 3)));
            if (random.Next(3) == 0)
                x.Span[random.Next(x.Span.Length)] = float.NegativeInfinity;
            if (random.Next(9) == 0)
                x.Span[random.Next(x.Span.Length)] = float.NaN;
            using GuardedBuffer expected = x.Copy(), logarithms = new(rows);
            Softmax.Forward(InstructionSet.Scalar, new(expected.Pointer, stride, rows, columns));
            Softmax.LogSumExp(InstructionSet.Scalar, new(x.Pointer, stride, rows, columns), logarithms.Pointer);
            foreach (var set in KernelSets.Exact)
            {
                using GuardedBuffer actual = x.Copy(), logarithmsNow = new(rows);
                Softmax.Forward(set, new(actual.Pointer, stride, rows, columns));
                actual.AssertSame(expected, $"{set} softmax {rows}x{columns}");
                Softmax.LogSumExp(set, new(x.Pointer, stride, rows, columns), logarithmsNow.Pointer);
                logarithmsNow.AssertSame(logarithms, $"{set} log-sum-exp {rows}x{columns}");
            }
        }
    }

    [Fact]
    public void SoftmaxIsRight()
    {
        foreach (var set in InstructionSets.Available)
        {
            using GuardedBuffer x = GuardedBuffer.Random(new Random(5), 90, 20f), result = new(1);
            double[] exponentials = [.. x.Span.ToArray().Select(v => Math.Exp(v))];
            Softmax.LogSumExp(set, new(x.Pointer, 90, 1, 90), result.Pointer);
            Assert.Equal(Math.Log(exponentials.Sum()), result.Span[0], 2e-6);
            Softmax.Forward(set, new(x.Pointer, 90, 1, 90));
            for (var i = 0; i < 90; i++)
                Assert.Equal(exponentials[i] / exponentials.Sum(), x.Span[i], 2e-7);
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void SoftmaxOfARowThatHasNoneIsNotANumber(float poison)
    {
        foreach (var set in InstructionSets.Available)
        {
            using var x = GuardedBuffer.Random(new Random(6), 40);
            x.Span[27] = poison;
            Softmax.Forward(set, new(x.Pointer, 20, 2, 20));
            Assert.DoesNotContain(float.NaN, x.Span[..20].ToArray());
            Assert.All(x.Span[20..].ToArray(), v => Assert.True(float.IsNaN(v) || (v == 0f && float.IsPositiveInfinity(poison))));
            Assert.Contains(float.NaN, x.Span[20..].ToArray());
        }
    }
}
