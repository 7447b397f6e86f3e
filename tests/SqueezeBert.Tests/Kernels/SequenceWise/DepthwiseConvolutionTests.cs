using SqueezeBert.Kernels;
using SqueezeBert.Kernels.SequenceWise;

namespace SqueezeBert.Tests.Kernels.SequenceWise;

public sealed unsafe class DepthwiseConvolutionTests
{
    [Fact]
    public void ConvolutionsGiveTheBitsOfTheReference()
    {
        Random random = new(1);
        var positions = stackalloc int[30];
        for (var repeat = 0; repeat < 100; repeat++)
        {
            int tokens = random.Next(1, 30), channels = random.Next(1, 60), kernel = (2 * random.Next(0, 6)) + 1;
            int xStride = channels + random.Next(4), yStride = channels + random.Next(4), dxStride = channels + random.Next(4);
            for (int t = 0, position = random.Next(3); t < tokens; t++, position += random.Next(4) == 0 ? random.Next(1, 8) : 1)
                positions[t] = position;
            using GuardedBuffer x = GuardedBuffer.Random(random, tokens * xStride), y = GuardedBuffer.Random(random, tokens * yStride),
                dx = GuardedBuffer.Random(random, tokens * dxStride);
            using GuardedBuffer weight = GuardedBuffer.Random(random, channels * kernel), bias = GuardedBuffer.Random(random, channels);
            var biasOrNull = random.Next(3) == 0 ? null : bias.Pointer;
            Matrix input = new(x.Pointer, xStride, tokens, channels), gradient = new(y.Pointer, yStride, tokens, channels);
            using GuardedBuffer output = y.Copy(), inputGradient = dx.Copy(), weights = weight.Copy(), biases = bias.Copy();
            DepthwiseConvolution.Forward(
                InstructionSet.Scalar, input, positions, weight.Pointer, biasOrNull, new(output.Pointer, yStride, tokens, channels),
                kernel);
            DepthwiseConvolution.Backward(
                InstructionSet.Scalar, input, positions, weight.Pointer, gradient, new(inputGradient.Pointer, dxStride, tokens, channels),
                    weights.Pointer, biases.Pointer, kernel);
            foreach (var set in KernelSets.Exact)
            {
                using GuardedBuffer outputNow = y.Copy(), inputNow = dx.Copy(), weightsNow = weight.Copy(), biasesNow = bias.Copy();
                DepthwiseConvolution.Forward(
                    set, input, positions, weight.Pointer, biasOrNull, new(outputNow.Pointer, yStride, tokens, channels), kernel);
                DepthwiseConvolution.Backward(
                    set, input, positions, weight.Pointer, gradient, new(inputNow.Pointer, dxStride, tokens, channels),
                    weightsNow.Pointer, biasesNow.Pointer, kernel);
                var what = $"{set} {tokens} tokens, {channels} channels, kernel {kernel}";
                outputNow.AssertSame(output, what);
                inputNow.AssertSame(inputGradient, what + " dx");
                weightsNow.AssertSame(weights, what + " dweight");
                biasesNow.AssertSame(biases, what + " dbias");
            }
        }
    }

    [Fact]
    public void NeighboursAreFoundByPosition()
    {
        // Positions 3, 4 and 6: the token of 5 was dropped and counts as zero.
        float* x = stackalloc float[] { 1f, 10f, 100f }, weight = stackalloc float[] { 2f, 3f, 5f }, y = stackalloc float[3];
        var positions = stackalloc int[] { 3, 4, 6 };
        var bias = 0.5f;
        foreach (var set in InstructionSets.Available)
        {
            DepthwiseConvolution.Forward(set, new(x, 3, 1), positions, weight, &bias, new(y, 3, 1), 3);
            Assert.Equal([0.5f + (3 * 1) + (5 * 10), 0.5f + (2 * 1) + (3 * 10), 0.5f + (3 * 100)], new Span<float>(y, 3).ToArray());
        }
    }

    [Fact]
    public void GradientsAreThoseOfTheForwardPass()
    {
        // The convolution is linear in x and in the weights, so <dy, f(x)> = <dx, x> = <dweight, weight>.
        Random random = new(2);
        const int Tokens = 12, Channels = 21, Kernel = 5;
        var positions = stackalloc int[Tokens];
        for (var t = 0; t < Tokens; t++)
            positions[t] = t < 6 ? t : t + 2;
        using GuardedBuffer x = GuardedBuffer.Random(random, Tokens * Channels), dy = GuardedBuffer.Random(random, Tokens * Channels),
            weight = GuardedBuffer.Random(random, Channels * Kernel);
        foreach (var set in InstructionSets.Available)
        {
            using GuardedBuffer y = new(Tokens * Channels), dx = new(Tokens * Channels), dweight = new(Channels * Kernel),
                dbias = new(Channels);
            dweight.Span.Clear();
            dbias.Span.Clear();
            Matrix input = new(x.Pointer, Tokens, Channels);
            DepthwiseConvolution.Forward(set, input, positions, weight.Pointer, null, new(y.Pointer, Tokens, Channels), Kernel);
            DepthwiseConvolution.Backward(
                set, input, positions, weight.Pointer, new(dy.Pointer, Tokens, Channels), new(dx.Pointer, Tokens, Channels),
                dweight.Pointer, dbias.Pointer, Kernel);
            Assert.Equal(Dot(dy, y), Dot(dx, x), 1e-4);
            Assert.Equal(Dot(dy, y), Dot(dweight, weight), 1e-4);
            for (var c = 0; c < Channels; c++)
                Assert.Equal(Enumerable.Range(0, Tokens).Sum(t => (double)dy.Span[(t * Channels) + c]), dbias.Span[c], 1e-5);
        }
    }

    private static double Dot(GuardedBuffer a, GuardedBuffer b)
    {
        double sum = 0;
        for (var i = 0; i < a.Span.Length; i++)
            sum += (double)a.Span[i] * b.Span[i];
        return sum;
    }
}
