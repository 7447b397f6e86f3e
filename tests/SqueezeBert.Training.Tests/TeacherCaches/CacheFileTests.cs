using System.Runtime.InteropServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Training.TeacherCaches;

namespace SqueezeBert.Training.Tests.TeacherCaches;

/// <summary>Caches of several blocks, cut and damaged anywhere.</summary>
public sealed class CacheFileTests : IDisposable
{
    private const int Width = 3;
    private const int Rows = (2 * CacheFile.MaxRows) + 1000;

    private static readonly CacheIdentity Identity = new("0123456789abcdef0123456789abcdef", CacheKind.Vectors, Width);

    private readonly string _folder = Directory.CreateTempSubdirectory("squeezebert-cache-").FullName;
    private readonly string _path;

    public CacheFileTests()
    {
        _path = Path.Combine(_folder, Identity.FileName);
        Write(null, 0, Rows);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void EveryRowIsFound()
    {
        var file = CacheFile.Read(_path, Identity, isPart: false, Cancelled);
        AssertRows(file, Rows);
        Assert.Equal($"{Identity.Fingerprint[..16]}-vectors.cache", Path.GetFileName(_path));
    }

    [Fact]
    public void APartThatIsCutAnywhereHasItsWholeBlocksAndCanBeGoneOnWith()
    {
        var whole = File.ReadAllBytes(_path);
        var block = CacheFile.HeadSize + CacheFile.BodySize(CacheFile.MaxRows, Width);
        var random = new Random(4);
        for (var repeat = 0; repeat < 30; repeat++)
        {
            var length = repeat == 0 ? whole.Length : random.Next(CacheIdentity.Size, whole.Length);
            File.Delete(_path);
            File.WriteAllBytes(CacheFile.PartOf(_path), whole[..length]);
            var part = CacheFile.Read(CacheFile.PartOf(_path), Identity, isPart: true, Cancelled);
            var rows = Math.Min(2, (length - CacheIdentity.Size) / block) * CacheFile.MaxRows;
            if (part.Offsets.Count > rows) rows = Rows;
            AssertRows(part, (int)rows, CacheFile.PartOf(_path));
            Write(part, (int)rows, Rows);
            Assert.Equal(whole, File.ReadAllBytes(_path));
        }
    }

    [Fact]
    public void AWholeFileThatIsCutOrChangedAnywhereIsRefused()
    {
        var whole = File.ReadAllBytes(_path);
        var random = new Random(5);
        for (var repeat = 0; repeat < 60; repeat++)
        {
            var bytes = (byte[])whole.Clone();
            if (repeat % 2 == 0) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            else bytes = bytes[..random.Next(bytes.Length)];
            File.WriteAllBytes(_path, bytes);
            var error = Assert.Throws<InvalidModelFileException>(() => CacheFile.Read(_path, Identity, isPart: false, Cancelled));
            Assert.Contains(_path, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AWholeFileThatLacksABlockOrHasMoreIsRefused()
    {
        var whole = File.ReadAllBytes(_path);
        var block = (int)(CacheFile.HeadSize + CacheFile.BodySize(CacheFile.MaxRows, Width));
        foreach (var bytes in (byte[][])
            [[.. whole, 0], [.. whole[..CacheIdentity.Size], .. whole[(CacheIdentity.Size + block)..]],
                [.. whole[..(CacheIdentity.Size + block)], .. whole[CacheIdentity.Size..]]])
        {
            File.WriteAllBytes(_path, bytes);
            Assert.Throws<InvalidModelFileException>(() => CacheFile.Read(_path, Identity, isPart: false, Cancelled));
        }
    }

    [Theory]
    [InlineData("1123456789abcdef0123456789abcdef", CacheKind.Vectors, Width, "another model")]
    [InlineData("0123456789abcdef0123456789abcdef", CacheKind.Logits, Width, "another kind or width")]
    [InlineData("0123456789abcdef0123456789abcdef", CacheKind.Vectors, Width + 1, "another kind or width")]
    internal void AnotherOnesFileIsRefused(string fingerprint, CacheKind kind, int width, string reason)
    {
        var error = Assert.Throws<InvalidModelFileException>(
            () => CacheFile.Read(_path, new CacheIdentity(fingerprint, kind, width), isPart: false, Cancelled));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ANumberThatFloat16CannotHoldIsAnError()
    {
        using var writer = new CacheWriter(Path.Combine(_folder, "other.cache"), Identity, null);
        Assert.Throws<InvalidOperationException>(() => writer.Add(new TextKey(1, 2), [0, 70_000, 0]));
    }

    [Fact]
    public void OnlyOneWritesAtATime()
    {
        var path = Path.Combine(_folder, "other.cache");
        using var writer = new CacheWriter(path, Identity, null);
        Assert.Throws<IOException>(() => new CacheWriter(path, Identity, null));
    }

    private static float[] Row(int i) => [i, i / 7f, -i];

    private void Write(CacheFile? before, int first, int end)
    {
        using var writer = new CacheWriter(_path, Identity, before);
        for (var i = first; i < end; i++) writer.Add(new TextKey((ulong)i, (ulong)i * 31), Row(i));
        writer.Complete();
    }

    private void AssertRows(CacheFile file, int count, string? path = null)
    {
        var bytes = File.ReadAllBytes(path ?? _path);
        Assert.Equal(count, file.Offsets.Count);
        for (var i = 0; i < count; i++)
        {
            var offset = (int)file.Offsets[new TextKey((ulong)i, (ulong)i * 31)];
            var values = MemoryMarshal.Cast<byte, Half>(bytes.AsSpan(offset, Width * sizeof(ushort)));
            Assert.True(values.SequenceEqual([.. Row(i).Select(value => (Half)value)]), $"row {i}");
        }
    }
}
