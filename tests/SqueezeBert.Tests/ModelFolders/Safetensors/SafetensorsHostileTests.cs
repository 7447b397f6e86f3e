using System.Text;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using static SqueezeBert.Tests.ModelFolders.Safetensors.SafetensorsBytes;

namespace SqueezeBert.Tests.ModelFolders.Safetensors;

/// <summary>
/// Every rule of the format by itself, then bytes cut off and changed at random: the documented exception or a good file, nothing else.
/// </summary>
public sealed class SafetensorsHostileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("no JSON", "hello", 0, "does not begin with '{'")]
    [InlineData("blank before", " {}", 0, "does not begin with '{'")]
    [InlineData("array", "[]", 0, "does not begin with '{'")]
    [InlineData("empty", "", 0, "does not begin with '{'")]
    [InlineData("unfinished", "{", 0, "not valid JSON")]
    [InlineData("two objects", "{}{}", 0, "not valid JSON")]
    [InlineData("comment", "{/**/}", 0, "not valid JSON")]
    [InlineData("trailing comma", """{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},}""", 4, "not valid JSON")]
    [InlineData("NUL padding", "{}\0\0", 0, "not valid JSON")]
    [InlineData("lone surrogate", """{"\ud800":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""", 4, "not valid Unicode")]
    [InlineData("bytes without tensors", "{}", 1, "1 bytes after the last tensor")]
    [InlineData("duplicate", """{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[],"data_offsets":[1,2]}}""",
        2, "a: is there twice")]
    [InlineData("duplicate by escape",
        """{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"\u0061":{"dtype":"U8","shape":[],"data_offsets":[1,2]}}""", 2,
        "a: is there twice")]
    [InlineData("duplicate metadata", """{"__metadata__":{},"__metadata__":{}}""", 0, "__metadata__: is there twice")]
    [InlineData("duplicate metadata key", """{"__metadata__":{"x":"","x":""}}""", 0, "__metadata__: 'x' is there twice")]
    [InlineData("metadata number", """{"__metadata__":{"x":1}}""", 0, "__metadata__: 'x' is not a string")]
    [InlineData("metadata list", """{"__metadata__":[]}""", 0, "__metadata__: is not an object")]
    [InlineData("tensor is text", """{"a":"F32"}""", 0, "a: is not an object")]
    [InlineData("tensor is null", """{"a":null}""", 0, "a: is not an object")]
    [InlineData("no type", """{"a":{"shape":[],"data_offsets":[0,4]}}""", 4, "a: has no 'dtype'")]
    [InlineData("no shape", """{"a":{"dtype":"F32","data_offsets":[0,4]}}""", 4, "a: has no 'shape'")]
    [InlineData("no offsets", """{"a":{"dtype":"F32","shape":[]}}""", 4, "a: has no 'data_offsets'")]
    [InlineData("unknown type", """{"a":{"dtype":"F31","shape":[],"data_offsets":[0,4]}}""", 4, "a: type 'F31' is not supported")]
    [InlineData("type twice", """{"a":{"dtype":"F32","dtype":"F32","shape":[],"data_offsets":[0,4]}}""", 4, "a: field 'dtype'")]
    [InlineData("shape twice", """{"a":{"dtype":"F32","shape":[],"shape":[],"data_offsets":[0,4]}}""", 4, "a: field 'shape'")]
    [InlineData("unknown field", """{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4],"x":[[[[1]]]]}}""", 4, "a: field 'x'")]
    [InlineData("negative size", """{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "a: 'shape' has a value")]
    [InlineData("fraction", """{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "a: 'shape' has a value")]
    [InlineData("huge size", """{"a":{"dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,4]}}""", 4, "a: 'shape' has a value")]
    [InlineData("overflowing shape", """{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0,
        "a: shape [4294967296, 4294967296] is too large")]
    [InlineData("overflow to the right bytes", """{"a":{"dtype":"U8","shape":[9223372036854775807,2,2],"data_offsets":[0,4]}}""", 4,
        "is too large")]
    [InlineData("many dimensions", """{"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}}""", 1,
        "a: 'shape' has more than 16 values")]
    [InlineData("one offset", """{"a":{"dtype":"U8","shape":[],"data_offsets":[0]}}""", 1, "a: 'data_offsets' must be")]
    [InlineData("three offsets", """{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1,2]}}""", 1, "a: 'data_offsets' must be")]
    [InlineData("end before begin", """{"a":{"dtype":"U8","shape":[],"data_offsets":[1,0]}}""", 1, "a: 'data_offsets' must be")]
    [InlineData("wrong size", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4,
        "a: 'data_offsets' span 4 bytes, F32 [2] takes 8")]
    [InlineData("does not begin at 0", """{"a":{"dtype":"U8","shape":[],"data_offsets":[1,2]}}""", 2, "a: leaves a hole of 1 bytes")]
    [InlineData("hole", """{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[],"data_offsets":[2,3]}}""", 3,
        "b: leaves a hole")]
    [InlineData("overlap", """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""",
        3, "b: overlaps")]
    [InlineData("same bytes twice",
        """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", 2, "overlaps")]
    [InlineData("tail", """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", 5, "3 bytes after the last tensor")]
    [InlineData("truncated data", """{"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}""", 5, "a: its data end 4 bytes after the file")]
    [InlineData("far past the end", """{"a":{"dtype":"U8","shape":[9000000000000000000],"data_offsets":[0,9000000000000000000]}}""", 5,
        "after the file")]
    public void BreaksARule(string name, string header, int dataLength, string message)
    {
        var path = _folder.Write("model.safetensors", File(header, dataLength));

        var error = Assert.Throws<InvalidModelFileException>(() => SafetensorsFile.Open(path));

        Assert.True(error.Message.StartsWith(path + ": ", StringComparison.Ordinal), name);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void AcceptsWhatTheFormatAllows()
    {
        const string Header =
            """{"empty":{"dtype":"F32","shape":[3,0],"data_offsets":[4,4]},"scalar":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}    """;
        using var file = SafetensorsFile.Open(_folder.Write("model.safetensors", File(Header, 4)));
        using var none = SafetensorsFile.Open(_folder.Write("none.safetensors", File("{}", 0)));

        Assert.Equal(["empty", "scalar"], file.Names);
        file.ReadFloats("empty", []);
        var value = new float[1];
        file.ReadFloats("scalar", value);
        Assert.Empty(file.Metadata);
        Assert.Empty(none.Names);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(25_000_001UL)]
    [InlineData(100_000_001UL)]
    [InlineData((ulong)long.MaxValue)]
    [InlineData(ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 7)]
    [InlineData(25_000_000UL)]
    public void AWrongHeaderLengthAllocatesNothing(ulong length)
    {
        var bytes = new byte[100];
        BitConverter.TryWriteBytes(bytes, length);
        var path = _folder.Write("model.safetensors", bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<InvalidModelFileException>(() => SafetensorsFile.Open(path));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void DeepJsonIsRefused()
    {
        var nested = """{"a":{"dtype":"U8","shape":[],"data_offsets":""" + new string('[', 1_000_000);
        var path = _folder.Write("model.safetensors", File(nested, 0));

        Assert.Throws<InvalidModelFileException>(() => SafetensorsFile.Open(path));
    }

    [Fact]
    public void AHeaderThatIsNotUtf8IsRefused()
    {
        var header = Encoding.Latin1.GetBytes("""{"é":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}""");

        var error =
            Assert.Throws<InvalidModelFileException>(() => SafetensorsFile.Open(_folder.Write("model.safetensors", File(header, 1))));

        Assert.Equal("the header is not UTF-8", error.Reason);
    }

    [Fact]
    public void TooManyTensorsAreRefused()
    {
        var header = new StringBuilder("{");
        for (var i = 0; i <= 65_536; i++) header.Append(i == 0 ? "" : ",").Append(Tensor($"t{i}", "U8", "0", "0,0"));
        var path = _folder.Write("model.safetensors", File(header.Append('}').ToString(), 0));

        var error = Assert.Throws<InvalidModelFileException>(() => SafetensorsFile.Open(path));

        Assert.Contains("more than 65536 tensors", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ANameCannotBreakTheMessageIntoLines()
    {
        var header = $$$"""{"\u001b[2J\n{{{new string('x', 100_000)}}}":{"dtype":"U8","shape":[],"data_offsets":[0,2]}}""";

        var error =
            Assert.Throws<InvalidModelFileException>(() => SafetensorsFile.Open(_folder.Write("model.safetensors", File(header, 2))));

        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.True(error.Message.Length < 2000);
    }

    [Fact]
    public void TruncatedAtEveryByte()
    {
        var whole = SmallFile();
        for (var length = 0; length < whole.Length; length++)
        {
            var path = _folder.Write("model.safetensors", whole.AsSpan(0, length));
            Assert.Throws<InvalidModelFileException>(() => SafetensorsFile.Open(path));
        }
    }

    [Fact]
    public void ChangedBytesGiveTheDocumentedExceptionOrAGoodFile()
    {
        var whole = SmallFile();
        var random = new Random(20_260_101);
        var refused = 0;
        for (var i = 0; i < 5_000; i++)
        {
            var bytes = (byte[])whole.Clone();
            for (var change = random.Next(1, 4); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                using var file = SafetensorsFile.Open(ByteSource.InMemory("model.safetensors", bytes));
                foreach (var name in file.Names)
                {
                    Assert.True(file.TryGetTensor(name, out var info));
                    file.ReadFloats(name, new float[info.ElementCount]);
                }
            }
            catch (InvalidModelFileException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, 4_999);
    }

    [Fact]
    public void AFileThatShrinksWhileOpenIsAnError()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("an open file cannot be shortened on Windows");
        var path = _folder.Write("model.safetensors", SmallFile());
        using var file = SafetensorsFile.Open(path);
        using (var shorten = new FileStream(path, FileMode.Open, FileAccess.Write,
            FileShare.ReadWrite | FileShare.Delete)) shorten.SetLength(100);

        var error = Assert.Throws<InvalidModelFileException>(() => file.ReadFloats("weight", new float[6]));

        Assert.Equal("weight", error.Item);
    }

    private byte[] SmallFile()
    {
        var writer = new SafetensorsWriter();
        writer.Add("weight", [2, 3], new float[] { 1, 2, 3, 4, 5, 6 });
        writer.Add("half", [2], new float[] { 1, 2 }, TensorType.Float16);
        writer.Add("ids", [1], new long[] { 7 });
        using var stream = new MemoryStream();
        writer.Save(stream);
        return stream.ToArray();
    }
}
