using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Tests.Kernels.Products;

public sealed unsafe class PackedMatrixTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(64)]
    [InlineData(70)]
    [InlineData(192)]
    [InlineData(768)]
    [InlineData(1000)]
    public void PanelsCoverTheColumnsOnce(int n)
    {
        using PackedMatrix matrix = new(3, n);
        int column = 0, vectors = 0;
        for (var panel = 0; panel < matrix.PanelCount; panel++)
        {
            (var first, var count) = matrix.ColumnRange(panel);
            Assert.Equal(column, first);
            Assert.InRange(matrix.PanelVectors(panel), 1, 4);
            Assert.InRange(count, ((matrix.PanelVectors(panel) - 1) * 16) + 1, matrix.PanelVectors(panel) * 16);
            column += count;
            vectors += matrix.PanelVectors(panel);
        }

        Assert.Equal(n, column);
        Assert.Equal((n + 15) / 16, vectors);
        Assert.Equal(vectors * 16 * 3 * sizeof(float), matrix.ByteCount);
    }

    [Fact]
    public void PackingIsExactAndPadsWithZeros()
    {
        Random random = new(1);
        for (var repeat = 0; repeat < 80; repeat++)
        {
            int k = random.Next(1, 40), n = random.Next(1, 150);
            (var kStride, var nStride) = random.Next(3) switch
            {
                0 => (1, k + random.Next(4)),
                1 => (n + random.Next(4), 1),
                _ => (2, (2 * k) + 1),
            };
            using var source = GuardedBuffer.Random(random, ((k - 1) * kStride) + ((n - 1) * nStride) + 1);
            using PackedMatrix matrix = new(k, n);
            for (var panel = 0; panel < matrix.PanelCount; panel++)
                new Span<float>(matrix.Panel(panel), k * matrix.PanelVectors(panel) * 16).Fill(float.NaN);
            if (random.Next(2) == 0)
            {
                matrix.Pack(source.Pointer, kStride, nStride);
            }
            else
            {
                for (var panel = matrix.PanelCount - 1; panel >= 0; panel--)
                    matrix.PackColumns(source.Pointer, kStride, nStride, panel, 1);
            }

            for (var panel = 0; panel < matrix.PanelCount; panel++)
            {
                (var first, var count) = matrix.ColumnRange(panel);
                var width = matrix.PanelVectors(panel) * 16;
                for (var i = 0; i < k; i++)
                {
                    for (var j = 0; j < width; j++)
                    {
                        var expected = j < count ? source.Span[(i * kStride) + ((first + j) * nStride)] : 0f;
                        Assert.Equal(BitConverter.SingleToInt32Bits(expected),
                            BitConverter.SingleToInt32Bits(matrix.Panel(panel)[(i * width) + j]));
                    }
                }
            }
        }
    }

    [Fact]
    public void UseAfterDisposalIsAnError()
    {
        PackedMatrix matrix = new(2, 2);
        matrix.Dispose();
        matrix.Dispose();
        Assert.Throws<ObjectDisposedException>(() => matrix.Pack(null, 1, 1));
    }
}
