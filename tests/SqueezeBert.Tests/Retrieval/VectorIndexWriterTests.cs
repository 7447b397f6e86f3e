namespace SqueezeBert.Tests.Retrieval;

public sealed class VectorIndexWriterTests : IDisposable
{
    private readonly IndexFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(VectorPrecision.Int8)]
    [InlineData(VectorPrecision.Bits)]
    public void WhatIsNotCompleteLeavesNothing(VectorPrecision precision)
    {
        File.WriteAllText(_folder.File, "before");
        using (var writer = new VectorIndexWriter(_folder.File, 3, new() { Precision = precision }))
        {
            writer.Add([1, 2, 3], "text");
            Assert.True(Directory.EnumerateFiles(_folder.Folder).Count() > 1);
        }

        Assert.Equal([_folder.File], Directory.EnumerateFiles(_folder.Folder));
        Assert.Equal("before", File.ReadAllText(_folder.File));
    }

    [Fact]
    public void AnIndexReplacesAnotherThatIsOpen()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not replace a file that is mapped");
        using var before = _folder.Write([[1, 0], [0, 1]], 2, null, row => $"before {row}");
        using var after = _folder.Write([[0, 1], [1, 0]], 2, null, row => $"after {row}");
        Assert.Equal("before 0", before.Text(before.Search([1, 0], 1)[0].Row));
        Assert.Equal("after 1", after.Text(after.Search([1, 0], 1)[0].Row));
        Assert.Equal([_folder.File], Directory.EnumerateFiles(_folder.Folder));
    }

    [Fact]
    public void AFolderIsMadeAndTheSameVectorsGiveTheSameFile()
    {
        var vectors = IndexFolder.Vectors(new Random(1), 500, 33);
        foreach (var precision in Enum.GetValues<VectorPrecision>())
        {
            string Write(string name)
            {
                var path = Path.Combine(_folder.Folder, name, "deep", "vectors.index");
                using var writer = new VectorIndexWriter(path, 33, new() { Precision = precision });
                foreach (var vector in vectors) writer.Add(vector, $"text {writer.Count}");
                writer.Complete();
                return path;
            }

            Assert.Equal(File.ReadAllBytes(Write("one")), File.ReadAllBytes(Write("two")));
        }
    }

    [Fact]
    public void WhatIsNoVectorIsRefusedAndTheOthersStay()
    {
        using (var writer = new VectorIndexWriter(_folder.File, 3))
        {
            writer.Add([1, 2, 3], "one");
            Assert.Throws<ArgumentException>(() => writer.Add([1, 2], "two"));
            Assert.Throws<ArgumentException>(() => writer.Add([1, 2, float.NaN], "two"));
            Assert.Throws<ArgumentException>(() => writer.Add([1, 2, float.NegativeInfinity], "two"));
            Assert.Throws<ArgumentException>(() => writer.Add([1, 2, 3]));
            writer.Add([3, 2, 1], "two");
            Assert.Equal(2, writer.Count);
            writer.Complete();
            Assert.Throws<InvalidOperationException>(() => writer.Add([1, 2, 3], "three"));
            Assert.Throws<InvalidOperationException>(writer.Complete);
        }

        using (var index = VectorIndex.Open(_folder.File)) Assert.Equal(["one", "two"], [index.Text(0), index.Text(1)]);
        using var plain = new VectorIndexWriter(_folder.File, 3);
        plain.Add([1, 2, 3]);
        Assert.Throws<ArgumentException>(() => plain.Add([1, 2, 3], "text"));
    }

    [Fact]
    public void OptionsAreChecked()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new VectorIndexWriter(_folder.File, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new VectorIndexWriter(_folder.File, (1 << 16) + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new VectorIndexWriter(_folder.File, 3, new() { Precision = (VectorPrecision)9 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new VectorIndexWriter(
            _folder.File, 3, new() { Precision = VectorPrecision.Bits, Rescoring = (VectorRescoring)9 }));
        Assert.Throws<ArgumentException>(() => new VectorIndexWriter(_folder.File, 3, new() { Rescoring = VectorRescoring.Float32 }));
        Assert.Throws<ArgumentException>(() => new VectorIndexWriter(_folder.File, 3, new() { Fingerprint = "x" }));
        Assert.Throws<ArgumentException>(() => new VectorIndexWriter(_folder.File, 3, new() { Fingerprint = new string('G', 32) }));
        Assert.Throws<IOException>(() => new VectorIndexWriter(_folder.Folder, 3).Complete());
        Assert.Empty(Directory.EnumerateFiles(_folder.Folder));
    }

    [Theory]
    [InlineData(VectorPrecision.Float32, 384, 1536)]
    [InlineData(VectorPrecision.Int8, 384, 388)]
    [InlineData(VectorPrecision.Bits, 384, 48 + 388)]
    [InlineData(VectorPrecision.Int8, 100, 132)]
    public void AVectorTakesAsManyBytesAsTheDocumentationSays(VectorPrecision precision, int dimensions, int bytes)
    {
        const int Count = 4096;
        var vector = IndexFolder.Vectors(new Random(3), 1, dimensions)[0];
        using var index = _folder.Write(Enumerable.Repeat(vector, Count), dimensions, new() { Precision = precision });
        Assert.Equal(128 + ((long)Count * bytes), new FileInfo(_folder.File).Length);
    }
}
