using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.Products.Int8;
using SqueezeBert.Memory;

namespace SqueezeBert.Tests.Kernels.Products;

public sealed unsafe class Int8ProductTests
{
    /// <summary>Each form, with the instruction sets that may surround it.</summary>
    private static IEnumerable<(InstructionSet Set, Int8Form Form)> Forms =>
        from form in Int8Forms.Available
        where form != Int8Form.Scalar
        from set in KernelSets.Exact
        select (set, form);

    [Fact]
    public void ProductsGiveTheBitsOfTheReference()
    {
        Random random = new(1);
        for (var repeat = 0; repeat < 150; repeat++)
        {
            var rows = random.Next(4) == 0 ? random.Next(1, 70) : random.Next(1, 20);
            int k = random.Next(8) == 0 ? random.Next(1, 900) : random.Next(1, 70), n = random.Next(1, random.Next(3) == 0 ? 210 : 70);
            int cStride = n + random.Next(9), residualStride = n + random.Next(9), padding = 4 * random.Next(3);
            var activation = random.Next(2) == 0 ? Activation.None : (Activation)random.Next(8);
            using GuardedBuffer source = GuardedBuffer.Random(random, rows * k), weights = GuardedBuffer.Random(random, k * n),
                bias = GuardedBuffer.Random(random, n), residual = GuardedBuffer.Random(random, rows * residualStride),
                c = GuardedBuffer.Random(random, rows * cStride);
            if (random.Next(6) == 0)
                source.Span[random.Next(rows * k)] = random.Next(2) == 0 ? float.NaN : float.NegativeInfinity;
            if (random.Next(6) == 0)
                source.Span[..k].Clear();
            if (random.Next(6) == 0)
                weights.Span[random.Next(k * n)] = float.NaN;
            using var matrix = new TestMatrix(k, n, weights.Pointer, 1, k);
            using var a = new TestRows(source.Pointer, rows, k, padding);
            var b = matrix.Product;
            int first = random.Next(b.PanelCount), count = random.Next(1, b.PanelCount - first + 1);
            Epilogue epilogue = new()
            {
                Bias = random.Next(3) == 0 ? null : bias.Pointer,
                Activation = activation,
                Residual = new(random.Next(2) == 0 ? null : residual.Pointer, residualStride, rows, n),
            };
            using var expected = c.Copy();
            Int8Product.Run(
                InstructionSet.Scalar, Int8Form.Scalar, a.Rows, b, first, count, new(expected.Pointer, cStride, rows, n), epilogue);
            foreach (var (set, form) in Forms)
            {
                using var actual = c.Copy();
                Int8Product.Run(set, form, a.For(form), matrix.For(form), first, count, new(actual.Pointer, cStride, rows, n), epilogue);
                actual.AssertSame(expected, $"{set} {form} {rows}x{k}x{n} panels {first}+{count} {activation}");
            }
        }
    }

    /// <summary>Every product at its largest: instructions that stop at 16 bits would be wrong by far.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(-1, 1)]
    [InlineData(1, -1)]
    [InlineData(-1, -1)]
    public void TheLargestSumsAreExact(int rowSign, int columnSign)
    {
        const int Rows = 9, K = 3075, N = 70;
        using GuardedBuffer source = new(Rows * K), weights = new(K * N);
        source.Span.Fill(rowSign);
        weights.Span.Fill(columnSign);
        using var matrix = new TestMatrix(K, N, weights.Pointer, 1, K);
        using var a = new TestRows(source.Pointer, Rows, K, 0);
        const float Scale = 1f / 127f * (1f / 127f);
        foreach (var (set, form) in Forms.Append((InstructionSet.Scalar, Int8Form.Scalar)))
        {
            using GuardedBuffer c = new(Rows * N);
            Int8Product.Run(set, form, a.For(form), matrix.For(form), 0, matrix.Product.PanelCount, new(c.Pointer, Rows, N), default);
            foreach (var x in c.Span)
                Assert.Equal(rowSign * columnSign * (float)(127 * 127 * K) * Scale, x);
        }
    }

    /// <summary>As many terms as an int can hold.</summary>
    [Fact]
    public void TheLongestSumsAreExact()
    {
        using GuardedBuffer source = new(2 * Int8Matrix.MaxTerms), weights = new(Int8Matrix.MaxTerms);
        source.Span.Fill(1f);
        source.Span[Int8Matrix.MaxTerms..].Fill(-1f);
        weights.Span.Fill(1f);
        using var matrix = new TestMatrix(Int8Matrix.MaxTerms, 1, weights.Pointer, 1, Int8Matrix.MaxTerms);
        using var a = new TestRows(source.Pointer, 2, Int8Matrix.MaxTerms, 0);
        const float Expected = (float)(127 * 127 * Int8Matrix.MaxTerms) * (1f / 127f * (1f / 127f));
        foreach (var (set, form) in Forms.Append((InstructionSet.Scalar, Int8Form.Scalar)))
        {
            using GuardedBuffer c = new(2);
            Int8Product.Run(set, form, a.For(form), matrix.For(form), 0, 1, new(c.Pointer, 2, 1), default);
            Assert.Equal([Expected, -Expected], c.Span.ToArray());
        }

        foreach (var layout in Enum.GetValues<Int8Layout>())
            Assert.Throws<ArgumentOutOfRangeException>(() => Int8Matrix.SizeOf(Int8Matrix.MaxTerms + 1, 1, layout));
    }

    [Fact]
    public void ProductsAreThoseOfTheRoundedNumbers()
    {
        Random random = new(2);
        const int Rows = 21, K = 203, N = 53;
        using GuardedBuffer source = GuardedBuffer.Random(random, Rows * K), weights = GuardedBuffer.Random(random, K * N, 0.01f);
        using var matrix = new TestMatrix(K, N, weights.Pointer, N, 1);
        using var a = new TestRows(source.Pointer, Rows, K, 0);
        using GuardedBuffer c = new(Rows * N);
        Int8Product.Run(
            InstructionSet.Scalar, Int8Form.Scalar, a.Rows, matrix.Product, 0, matrix.Product.PanelCount, new(c.Pointer, Rows, N), default);
        for (var i = 0; i < Rows; i++)
        {
            for (var j = 0; j < N; j++)
            {
                double rounded = 0, exact = 0;
                double rowScale = Enumerable.Range(0, K).Max(l => Math.Abs(source.Span[(i * K) + l])) / 127.0,
                    scale = Enumerable.Range(0, K).Max(l => Math.Abs(weights.Span[(l * N) + j])) / 127.0;
                for (var l = 0; l < K; l++)
                {
                    double x = source.Span[(i * K) + l], w = weights.Span[(l * N) + j];
                    exact += x * w;
                    rounded += Math.Round(x / rowScale) * rowScale * Math.Round(w / scale) * scale;
                }

                Assert.Equal(rounded, c.Span[(i * N) + j], 2e-4);
                Assert.Equal(exact, c.Span[(i * N) + j], 2e-3);
            }
        }
    }

    [Fact]
    public void AProductMayOverwriteItsResidual()
    {
        Random random = new(3);
        const int Rows = 29, K = 50, N = 40;
        using GuardedBuffer source = GuardedBuffer.Random(random, Rows * K), weights = GuardedBuffer.Random(random, K * N),
            residual = GuardedBuffer.Random(random, Rows * N);
        using var matrix = new TestMatrix(K, N, weights.Pointer, 1, K);
        using var a = new TestRows(source.Pointer, Rows, K, 0);
        using var expected = residual.Copy();
        Int8Product.Run(
            InstructionSet.Scalar, Int8Form.Scalar, a.Rows, matrix.Product, 0, matrix.Product.PanelCount, new(expected.Pointer, Rows, N),
            new Epilogue { Residual = new(residual.Pointer, Rows, N) });
        foreach (var (set, form) in Forms.Append((InstructionSet.Scalar, Int8Form.Scalar)))
        {
            using var actual = residual.Copy();
            Matrix result = new(actual.Pointer, Rows, N);
            Int8Product.Run(
                set, form, a.For(form), matrix.For(form), 0, matrix.Product.PanelCount, result, new Epilogue { Residual = result });
            actual.AssertSame(expected, $"{set} {form}");
        }
    }

    /// <summary>
    /// Registers that belong to a thread, as those of AMX do, survive other threads with other shapes and the collector's interruptions.
    /// </summary>
    [Fact]
    public void ThreadsDoNotDisturbEachOther()
    {
        Exception? problem = null;
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(worker => new Thread(() =>
        {
            try
            {
                MultiplyAgainAndAgain(17 + worker, 100 + (52 * worker), 48 + (16 * worker));
            }
            catch (Exception exception)
            {
                problem = exception;
            }
        }))];
        foreach (var thread in threads) thread.Start();
        while (threads.Any(thread => thread.IsAlive)) GC.Collect(0);
        Assert.Null(problem);
    }

    private static void MultiplyAgainAndAgain(int rows, int k, int n)
    {
        Random random = new(k);
        using GuardedBuffer source = GuardedBuffer.Random(random, rows * k), weights = GuardedBuffer.Random(random, k * n);
        using GuardedBuffer expected = new(rows * n), actual = new(rows * n);
        using var matrix = new TestMatrix(k, n, weights.Pointer, 1, k);
        using var a = new TestRows(source.Pointer, rows, k, 0);
        var b = matrix.Product;
        Int8Product.Run(
            InstructionSet.Scalar, Int8Form.Scalar, a.Rows, b, 0, b.PanelCount, new(expected.Pointer, rows, n), default);
        for (var repeat = 0; repeat < 300; repeat++)
        {
            actual.Span.Clear();
            Int8Product.Run(
                InstructionSets.Selected, Int8Forms.Selected, a.Rows, b, 0, b.PanelCount, new(actual.Pointer, rows, n), default);
            actual.AssertSame(expected, $"{Int8Forms.Selected} {rows}x{k}x{n}, repeat {repeat}");
        }
    }

    [Fact]
    public void PackingDoesNotDependOnTheLayoutOfTheSource()
    {
        Random random = new(4);
        const int K = 37, N = 75;
        using GuardedBuffer columns = GuardedBuffer.Random(random, K * N), rows = new(K * N);
        for (var i = 0; i < K * N; i++)
            rows.Span[(i % K * N) + (i / K)] = columns.Span[i];
        using TestMatrix one = new(K, N, columns.Pointer, 1, K), other = new(K, N, rows.Pointer, N, 1);
        Assert.Equal(one.Bytes, other.Bytes);
    }

    /// <summary>What was rounded before is packed as it is.</summary>
    [Fact]
    public void IntegersArePackedAsTheNumbersThatTheyWereRoundedFrom()
    {
        Random random = new(5);
        const int K = 38, N = 75;
        using GuardedBuffer columns = GuardedBuffer.Random(random, K * N), scales = new(N);
        using TestMatrix expected = new(K, N, columns.Pointer, 1, K), actual = new(K, N, columns.Pointer, 1, K);
        var encoded = stackalloc byte[Int8Rows.Format.ByteCount(K)];
        var integers = new sbyte[K * N];
        for (var j = 0; j < N; j++)
        {
            Int8Rows.Encode(InstructionSet.Scalar, new Matrix(columns.Pointer + (j * K), 1, K), new EncodedRows(encoded, 0, 1));
            for (var i = 0; i < K; i++) integers[(j * K) + i] = (sbyte)(encoded[i] - Int8Rows.Bias);
            scales.Span[j] = *(float*)(encoded + Int8Rows.PaddedColumns(K));
        }

        columns.Span.Clear();
        foreach (var product in actual.Products) product.Pack(columns.Pointer, 1, K);
        Assert.NotEqual(expected.Bytes, actual.Bytes);
        fixed (sbyte* source = integers)
        {
            foreach (var product in actual.Products) product.PackIntegers(source, K, scales.Pointer);
        }

        Assert.Equal(expected.Bytes, actual.Bytes);
    }

    /// <summary>Weights that others have rounded may be -128; all forms multiply by it exactly.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void WeightsMayBeTheSmallestByte(int rowSign)
    {
        const int Rows = 9, K = 3075, N = 70;
        using GuardedBuffer source = new(Rows * K), weights = new(K * N), scales = new(N);
        source.Span.Fill(rowSign);
        scales.Span.Fill(1f);
        using var matrix = new TestMatrix(K, N, weights.Pointer, 1, K);
        var integers = new sbyte[K * N];
        Array.Fill(integers, sbyte.MinValue);
        fixed (sbyte* columns = integers)
        {
            foreach (var product in matrix.Products) product.PackIntegers(columns, K, scales.Pointer);
        }

        using var a = new TestRows(source.Pointer, Rows, K, 0);
        foreach (var (set, form) in Forms.Append((InstructionSet.Scalar, Int8Form.Scalar)))
        {
            using GuardedBuffer c = new(Rows * N);
            Int8Product.Run(set, form, a.For(form), matrix.For(form), 0, matrix.Product.PanelCount, new(c.Pointer, Rows, N), default);
            foreach (var x in c.Span)
                Assert.Equal(rowSign * (float)(-128 * 127 * K) * (1f / 127f), x);
        }
    }

    [Fact]
    public void APanelHasFourTermsOfEachColumnSideBySide()
    {
        const int K = 6, N = 17;
        using GuardedBuffer weights = new(K * N);
        for (var j = 0; j < N; j++)
        {
            for (var i = 0; i < K; i++)
                weights.Span[(j * K) + i] = (i - 2) * (j + 1);
        }

        using var matrix = new TestMatrix(K, N, weights.Pointer, 1, K);
        for (var j = 0; j < N; j++)
        {
            Assert.Equal(3f * (j + 1) / 127f, matrix.Product.Scales[j]);
            sbyte[] expected = [-85, -42, 0, 42, 85, 127, 0, 0];
            for (var i = 0; i < 8; i++)
                Assert.Equal(expected[i], ((sbyte*)matrix.Product.Panel(0))[(i / 4 * 32 * 4) + (j * 4) + (i % 4)]);
            Assert.Equal(-128 * 127, matrix.Product.Starts[j]);
        }
    }

    /// <summary>In words, the even and the odd terms of each four stand apart, for 16 columns at a time.</summary>
    [Fact]
    public void AStripOfWordsHasPairsOfEachColumnSideBySide()
    {
        const int K = 6, N = 19;
        using GuardedBuffer weights = new(K * N);
        for (var j = 0; j < N; j++)
        {
            for (var i = 0; i < K; i++)
                weights.Span[(j * K) + i] = (i - 2) * (j + 1);
        }

        using var matrix = new TestMatrix(K, N, weights.Pointer, 1, K);
        var product = matrix.For(Int8Form.Avx2);
        Assert.Equal(Int8WordRows.Format, product.InputFormat);
        for (var j = 0; j < N; j++)
        {
            Assert.Equal(3f * (j + 1) / 127f, product.Scales[j]);
            short[] expected = [-85, 0, -42, 42, 85, 0, 127, 0];
            for (var i = 0; i < 8; i++)
            {
                var place = (j / 16 * 16 * 8) + (i / 4 * 64) + (i / 2 % 2 * 32) + (j % 16 * 2) + (i % 2);
                Assert.Equal(expected[i], ((short*)product.Panel(0))[place]);
            }

            Assert.Equal(-((-85 * -42) + (85 * 127)), product.Starts[j]);
        }
    }

    /// <summary>The same weights in all layouts.</summary>
    private sealed class TestMatrix : IDisposable
    {
        private readonly NativeBuffer[] _memory;

        public TestMatrix(int k, int n, float* source, nint kStride, nint nStride)
        {
            var layouts = Enum.GetValues<Int8Layout>();
            _memory = [.. layouts.Select(layout => new NativeBuffer(Int8Matrix.SizeOf(k, n, layout)))];
            Products = [.. layouts.Select(layout => new Int8Matrix(k, n, _memory[(int)layout].Pointer, layout))];
            foreach (var product in Products) product.Pack(source, kStride, nStride);
        }

        public IReadOnlyList<Int8Matrix> Products { get; }

        /// <summary>The product in bytes.</summary>
        public Int8Matrix Product => Products[(int)Int8Layout.Bytes];

        public byte[] Bytes => [.. _memory.SelectMany(memory => new ReadOnlySpan<byte>(memory.Pointer, (int)memory.ByteCount).ToArray())];

        public Int8Matrix For(Int8Form form) => Products[(int)Int8Forms.LayoutOf(form)];

        public void Dispose()
        {
            foreach (var memory in _memory) memory.Dispose();
        }
    }

    /// <summary>The same rows in all layouts, at the end of what may be read.</summary>
    private sealed class TestRows : IDisposable
    {
        private readonly GuardedBuffer _bytes, _words;
        private readonly EncodedRows _wordRows;

        public TestRows(float* source, int rows, int columns, int padding)
        {
            Matrix x = new(source, rows, columns);
            (_bytes, Rows) = Allocate(Int8Rows.Format);
            (_words, _wordRows) = Allocate(Int8WordRows.Format);
            Int8Rows.Encode(InstructionSet.Scalar, x, Rows);
            Int8WordRows.Encode(InstructionSet.Scalar, x, _wordRows);

            (GuardedBuffer Memory, EncodedRows Rows) Allocate(RowFormat format)
            {
                var stride = format.ByteCount(columns) + padding;
                GuardedBuffer memory = new(rows * stride / sizeof(float));
                return (memory, new((byte*)memory.Pointer, stride, rows));
            }
        }

        /// <summary>The rows in bytes.</summary>
        public EncodedRows Rows { get; }

        public EncodedRows For(Int8Form form) => Int8Forms.LayoutOf(form) == Int8Layout.Words ? _wordRows : Rows;

        public void Dispose()
        {
            _bytes.AssertGuards("rows");
            _words.AssertGuards("rows of words");
            _bytes.Dispose();
            _words.Dispose();
        }
    }
}
