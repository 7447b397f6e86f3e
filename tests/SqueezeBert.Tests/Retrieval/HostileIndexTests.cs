using System.Buffers.Binary;
using CsCheck;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Tests.Retrieval;

/// <summary>Whatever the bytes of an index are, opening it gives the one exception or an index that can be searched.</summary>
public sealed class HostileIndexTests : IDisposable
{
    private const int Dimensions = 70;
    private const int LastOfHeader = 127;
    private readonly IndexFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, 88, "is no index of vectors")]
    [InlineData(8, 2, "version: is 2, and this library reads 1")]
    [InlineData(12, 0, "dimensions: is 0")]
    [InlineData(12, 200, "the header tells of")]
    [InlineData(14, 2, "dimensions: is 131142")]
    [InlineData(15, 0x80, "dimensions: is -")]
    [InlineData(16, 3, "precision: is 3")]
    [InlineData(16, 1, "rescoring: is 1, which only bits have")]
    [InlineData(17, 3, "rescoring: is 3")]
    [InlineData(17, 0, "the header tells of")]
    [InlineData(18, 2, "texts: is 2")]
    [InlineData(18, 0, "text bytes: is ")]
    [InlineData(19, 1, "reserved bytes")]
    [InlineData(24, 9, "the header tells of")]
    [InlineData(28, 1, "count: is 4294967306")]
    [InlineData(31, 0x80, "count: is -")]
    [InlineData(32, 0, "the header tells of")]
    [InlineData(38, 1, "text bytes: is ")]
    [InlineData(39, 0x80, "text bytes: is -")]
    [InlineData(56, 1, "reserved bytes")]
    [InlineData(119, 1, "reserved bytes")]
    public void EachFieldIsChecked(int offset, int value, string expected)
    {
        var bytes = Index();
        bytes[offset] = (byte)value;
        Assert.Contains(offset < 12 ? expected : "checksum: is not that of the header", Refused(bytes), StringComparison.Ordinal);
        IndexFolder.Repair(bytes);
        Assert.Contains(expected, Refused(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void AFileThatIsCutOffOrTooLongIsRefused()
    {
        var bytes = Index();
        for (var length = 1; length < bytes.Length; length += length < 200 ? 1 : 97) Refused(bytes[..length]);
        Refused([.. bytes, 0]);
        Assert.Contains("empty", Refused([]), StringComparison.Ordinal);
        Assert.Equal(ErrorKind.Missing,
            Assert.Throws<InvalidModelFileException>(() => VectorIndex.Open(Path.Combine(_folder.Folder, "nosuch"))).Kind);
        Assert.Throws<InvalidModelFileException>(() => VectorIndex.Open(_folder.Folder));
    }

    [Fact]
    public void TextsThatLieElsewhereAreRefusedOneByOne()
    {
        var bytes = Index();
        var starts = bytes.Length - TextBytes - (11 * sizeof(long));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(starts + (3 * 8)), TextBytes + 1);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(starts + (6 * 8)), -1);
        File.WriteAllBytes(_folder.File, bytes);
        using var index = VectorIndex.Open(_folder.File);
        foreach (var row in (int[])[2, 3, 5, 6])
        {
            var error = Assert.Throws<InvalidModelFileException>(() => index.Text(row));
            Assert.Equal(($"text {row}", _folder.File), (error.Item, error.File));
        }

        Assert.Equal("text 4", index.Text(4));
    }

    [Fact]
    public void ScoresThatAreNoNumbersAreNotFound()
    {
        foreach (var precision in (VectorPrecision[])[VectorPrecision.Float32, VectorPrecision.Int8])
        {
            using (_folder.Write(IndexFolder.Vectors(new Random(4), 40, 64), 64, new() { Precision = precision })) { }
            var bytes = File.ReadAllBytes(_folder.File);

            // A component of each vector, or its scale, is NaN or ∞ but for two.
            var stride = precision == VectorPrecision.Float32 ? 256 : 4;
            var first = precision == VectorPrecision.Float32 ? 128 : 128 + (40 * 64);
            for (var row = 0; row < 40; row++)
            {
                if (row is 7 or 9) continue;
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(first + (row * stride)), float.NaN);
            }

            File.WriteAllBytes(_folder.File, bytes);
            using var index = VectorIndex.Open(_folder.File);
            Assert.Equal([7, 9], index.Search(Enumerable.Repeat(0.5f, 64).ToArray(), 10).Select(match => match.Row).Order());
        }
    }

    [Fact]
    public void ScoresStayInTheirRange()
    {
        using (_folder.Write(IndexFolder.Vectors(new Random(4), 40, 64), 64)) { }
        var bytes = File.ReadAllBytes(_folder.File);
        bytes.AsSpan(128, 40 * 64).Fill(0x80);
        for (var row = 0; row < 40; row++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(
                bytes.AsSpan(128 + (40 * 64) + (row * 4)), row % 2 == 0 ? float.PositiveInfinity : -1e30f);
        }

        File.WriteAllBytes(_folder.File, bytes);
        using var index = VectorIndex.Open(_folder.File);
        Assert.All(index.Search(Enumerable.Repeat(0.5f, 64).ToArray(), 40), match => Assert.InRange(match.Score, -1f, 1f));
        Assert.InRange(index.Score(Enumerable.Repeat(0.5f, 64).ToArray(), 0), -1f, 1f);
    }

    [Fact]
    public void AnyBytesGiveTheOneExceptionOrAnIndex()
    {
        var good = Index();
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, LastOfHeader], Gen.Byte, Gen.Bool, Gen.Int[-40, 40]).Sample(
            (place, value, inHeader, other, isRepaired, longer) =>
            {
                var bytes = (byte[])good.Clone();
                bytes[place] = value;
                bytes[inHeader] = other;
                if (longer > 20) Array.Resize(ref bytes, bytes.Length + longer);
                if (longer < -20) Array.Resize(ref bytes, bytes.Length + longer);
                if (isRepaired) IndexFolder.Repair(bytes);
                using var folder = new IndexFolder();
                File.WriteAllBytes(folder.File, bytes);
                try
                {
                    using var index = VectorIndex.Open(folder.File);
                    Assert.True(index.Search(Enumerable.Repeat(0.5f, index.Dimensions).ToArray(), 20).Count <= index.Count);
                    for (var row = 0; row < index.Count && index.HasTexts; row++) index.Text(row);
                }
                catch (InvalidModelFileException)
                {
                }
            }, iter: 3000);
    }

    private static int TextBytes => Enumerable.Range(0, 10).Sum(row => $"text {row}".Length);

    private byte[] Index()
    {
        using (_folder.Write(
            IndexFolder.Vectors(new Random(4), 10, Dimensions), Dimensions,
            new() { Precision = VectorPrecision.Bits, Fingerprint = new string('a', 32) }, row => $"text {row}")) { }
        return File.ReadAllBytes(_folder.File);
    }

    private string Refused(byte[] bytes)
    {
        File.WriteAllBytes(_folder.File, bytes);
        var error = Assert.Throws<InvalidModelFileException>(() => VectorIndex.Open(_folder.File));
        Assert.Equal(_folder.File, error.File);
        return error.Message;
    }
}
