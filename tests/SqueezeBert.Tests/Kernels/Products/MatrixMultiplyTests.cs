using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Tests.Kernels.Products;

public sealed unsafe class MatrixMultiplyTests
{
    [Fact]
    public void PackedGivesTheBitsOfTheReference()
    {
        Random random = new(1);
        for (var repeat = 0; repeat < 120; repeat++)
        {
            var rows = random.Next(4) == 0 ? random.Next(1, 70) : random.Next(1, 20);
            var isLong = repeat % 12 == 0;
            int k = isLong ? PanelProduct.MaxTerms + random.Next(-1, 1500) : random.Next(1, 50),
                n = isLong || random.Next(3) == 0 ? random.Next(1, 60) : random.Next(1, 210);
            int aStride = k + random.Next(9), cStride = n + random.Next(9), residualStride = n + random.Next(9);
            var activation = random.Next(2) == 0 ? Activation.None : (Activation)random.Next(8);
            using GuardedBuffer a = GuardedBuffer.Random(random, rows * aStride), weights = GuardedBuffer.Random(random, k * n),
                bias = GuardedBuffer.Random(random, n);
            using GuardedBuffer residual = GuardedBuffer.Random(random, rows * residualStride),
                c = GuardedBuffer.Random(random, rows * cStride);
            using PackedMatrix b = new(k, n);
            b.Pack(weights.Pointer, 1, k);
            int first = random.Next(b.PanelCount), count = random.Next(1, b.PanelCount - first + 1);
            var biasOrNull = random.Next(3) == 0 ? null : bias.Pointer;
            var residualOrNull = random.Next(2) == 0 ? null : residual.Pointer;
            Matrix left = new(a.Pointer, aStride, rows, k);
            Epilogue epilogue = new()
            {
                Bias = biasOrNull,
                Activation = activation,
                Residual = new(residualOrNull, residualStride, rows, n),
            };
            using var expected = c.Copy();
            MatrixMultiply.Packed(InstructionSet.Scalar, left, b, first, count, new(expected.Pointer, cStride, rows, n), epilogue);
            foreach (var set in KernelSets.Exact)
            {
                using var actual = c.Copy();
                MatrixMultiply.Packed(set, left, b, first, count, new(actual.Pointer, cStride, rows, n), epilogue);
                actual.AssertSame(expected, $"{set} {rows}x{k}x{n} panels {first}+{count} {activation}");
            }
        }
    }

    [Fact]
    public void PackedMayOverwriteItsResidual()
    {
        Random random = new(2);
        const int Rows = 29, N = 40;
        foreach ((var activation, var K) in new[] { (Activation.None, 20), (Activation.Gelu, 20),
            (Activation.None, 2 * PanelProduct.MaxTerms) })
        {
            using GuardedBuffer a = GuardedBuffer.Random(random, Rows * K), weights = GuardedBuffer.Random(random, K * N),
                residual = GuardedBuffer.Random(random, Rows * N);
            using PackedMatrix b = new(K, N);
            b.Pack(weights.Pointer, N, 1);
            using var expected = residual.Copy();
            Matrix left = new(a.Pointer, Rows, K), target = new(expected.Pointer, Rows, N);
            MatrixMultiply.Packed(InstructionSet.Scalar, left, b, 0, b.PanelCount, target,
                new Epilogue { Activation = activation, Residual = new(residual.Pointer, Rows, N) });
            foreach (var set in InstructionSets.Available.Where(set => set == InstructionSet.Scalar
                || KernelSets.Exact.Contains(set)))
            {
                using var actual = residual.Copy();
                Matrix result = new(actual.Pointer, Rows, N);
                MatrixMultiply.Packed(set, left, b, 0, b.PanelCount, result, new Epilogue { Activation = activation, Residual = result });
                actual.AssertSame(expected, $"{set} {activation}");
            }
        }
    }

    [Fact]
    public void PackedDoesNotDependOnTheDivisionOfRows()
    {
        Random random = new(3);
        const int Rows = 150, K = 700, N = 70;
        using GuardedBuffer a = GuardedBuffer.Random(random, Rows * K), weights = GuardedBuffer.Random(random, K * N);
        using PackedMatrix b = new(K, N);
        b.Pack(weights.Pointer, N, 1);
        foreach (var set in InstructionSets.Available.Where(set => set != InstructionSet.Scalar))
        {
            using GuardedBuffer whole = new(Rows * N), parts = new(Rows * N);
            Matrix left = new(a.Pointer, Rows, K), target = new(parts.Pointer, Rows, N);
            MatrixMultiply.Packed(set, left, b, 0, b.PanelCount, new(whole.Pointer, Rows, N), default);
            for (int row = 0, count; row < Rows; row += count)
            {
                count = Math.Min(random.Next(1, 9), Rows - row);
                MatrixMultiply.Packed(set, left.TakeRows(row, count), b, 0, b.PanelCount, target.TakeRows(row, count), default);
            }

            parts.AssertSame(whole, set.ToString());
        }
    }

    [Fact]
    public void ProductsAreRight()
    {
        Random random = new(4);
        const int Rows = 21, K = 37, N = 53;
        using GuardedBuffer a = GuardedBuffer.Random(random, Rows * K), weights = GuardedBuffer.Random(random, K * N),
            bias = GuardedBuffer.Random(random, N);
        using PackedMatrix b = new(K, N);
        b.Pack(weights.Pointer, N, 1);
        foreach (var set in InstructionSets.Available)
        {
            using GuardedBuffer packed = new(Rows * N), strided = new(Rows * N);
            Matrix left = new(a.Pointer, Rows, K);
            MatrixMultiply.Packed(set, left, b, 0, b.PanelCount, new(packed.Pointer, Rows, N), new Epilogue { Bias = bias.Pointer });
            MatrixMultiply.Strided(set, left, new(weights.Pointer, K, N), new(strided.Pointer, Rows, N), accumulate: false);
            for (var i = 0; i < Rows; i++)
            {
                for (var j = 0; j < N; j++)
                {
                    double sum = 0;
                    for (var l = 0; l < K; l++)
                        sum += (double)a.Span[(i * K) + l] * weights.Span[(l * N) + j];
                    Assert.Equal(sum, strided.Span[(i * N) + j], 2e-6);
                    Assert.Equal(sum + bias.Span[j], packed.Span[(i * N) + j], 2e-6);
                }
            }
        }
    }

    [Fact]
    public void StridedGivesTheBitsOfTheReference()
    {
        Random random = new(5);
        for (var repeat = 0; repeat < 120; repeat++)
        {
            int rows = random.Next(1, 60), columns = random.Next(1, 150),
                k = random.Next(5) == 0 ? random.Next(0, 700) : random.Next(0, 40);
            var accumulate = random.Next(2) == 0;
            int aStride = k + random.Next(5), bStride = columns + random.Next(9), cStride = columns + random.Next(9);
            using var a = GuardedBuffer.Random(random, rows * aStride);
            using GuardedBuffer b = GuardedBuffer.Random(random, k * bStride), c = GuardedBuffer.Random(random, rows * cStride);
            using var expected = c.Copy();
            Matrix left = new(a.Pointer, aStride, rows, k), right = new(b.Pointer, bStride, k, columns);
            MatrixMultiply.Strided(InstructionSet.Scalar, left, right, new(expected.Pointer, cStride, rows, columns), accumulate);
            foreach (var set in KernelSets.Exact)
            {
                using var actual = c.Copy();
                MatrixMultiply.Strided(set, left, right, new(actual.Pointer, cStride, rows, columns), accumulate);
                actual.AssertSame(expected, $"{set} {rows}x{k}x{columns} accumulate {accumulate}");
            }
        }
    }

    [Fact]
    public void TransposeMovesEveryElement()
    {
        Random random = new(6);
        for (var repeat = 0; repeat < 60; repeat++)
        {
            int rows = random.Next(1, 40), columns = random.Next(1, 40), sourceStride = columns + random.Next(5),
                targetStride = rows + random.Next(5);
            using GuardedBuffer source = GuardedBuffer.Random(random, rows * sourceStride),
                target = GuardedBuffer.Random(random, columns * targetStride);
            using var expected = target.Copy();
            for (var i = 0; i < rows; i++)
            {
                for (var j = 0; j < columns; j++)
                    expected.Span[(j * targetStride) + i] = source.Span[(i * sourceStride) + j];
            }

            MatrixMultiply.Transpose(new(source.Pointer, sourceStride, rows, columns), new(target.Pointer, targetStride, columns, rows));
            target.AssertSame(expected, $"{rows}x{columns}");
        }
    }
}
