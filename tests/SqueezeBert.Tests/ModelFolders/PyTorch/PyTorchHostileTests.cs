using System.Buffers.Binary;
using System.IO.Compression;
using SqueezeBert.Checkpoints;
using SqueezeBert.Fuzz;
using SqueezeBert.ModelFolders.PyTorch;
using static SqueezeBert.Fuzz.PyTorchBytes;

namespace SqueezeBert.Tests.ModelFolders.PyTorch;

/// <summary>
/// Pickles that run code, zip archives that lie, tensors that are larger than their file: the documented exception, named reasons, little
/// memory.
/// </summary>
public sealed class PyTorchHostileTests
{
    private static readonly Storage Four = PyTorchBytes.Floats("0", 1, 2, 3, 4);

    public static TheoryData<string, byte[], string> Pickles => new()
    {
        { "system", new PyTorchBytes().Global("os", "system").Text("id").Op('\x85').Op('R').End(),
            "asks for 'os.system', which is refused" },
        { "eval by stack", new PyTorchBytes().Text("builtins").Text("eval").Op('\x93').End(), "asks for 'builtins.eval'" },
        { "torch function", new PyTorchBytes().Global("torch", "load").End(), "asks for 'torch.load'" },
        { "sparse tensor", new PyTorchBytes().Global("torch._utils", "_rebuild_sparse_tensor").End(),
            "asks for 'torch._utils._rebuild_sparse_tensor'" },
        { "quantized tensor", new PyTorchBytes().Global("torch._utils", "_rebuild_qtensor").End(),
            "asks for 'torch._utils._rebuild_qtensor'" },
        { "numpy", new PyTorchBytes().Global("numpy.core.multiarray", "scalar").End(), "asks for 'numpy.core.multiarray.scalar'" },
        { "whole model", new PyTorchBytes().Global("transformers.models.bert.modeling_bert", "BertModel").End(),
            "asks for 'transformers.models.bert.modeling_bert.BertModel'" },
        { "global without end", new PyTorchBytes().Op('c').Raw(new byte[300]).End(), "the name of a global has no end" },
        { "INST", new PyTorchBytes().Op('(').Op('i').End(), "opcode INST at byte 3 is refused" },
        { "OBJ", new PyTorchBytes().Op('(').Op('o').End(), "opcode OBJ" },
        { "NEWOBJ", new PyTorchBytes().OrderedDict().Op(')').Op('\x81').End(), "opcode NEWOBJ " },
        { "NEWOBJ_EX", new PyTorchBytes().Op('\x92').End(), "opcode NEWOBJ_EX" },
        { "EXT1", new PyTorchBytes().Op('\x82').Raw(1).End(), "opcode EXT1" },
        { "PERSID", new PyTorchBytes().Op('P').End(), "opcode PERSID" },
        { "BINBYTES", new PyTorchBytes().Op('B').Raw(255, 255, 255, 255).End(), "opcode BINBYTES" },
        { "BYTEARRAY8", new PyTorchBytes().Op('\x96').End(), "opcode BYTEARRAY8" },
        { "POP", new PyTorchBytes().Op('N').Op('0').End(), "opcode POP" },
        { "DUP", new PyTorchBytes().Op('N').Op('2').End(), "opcode DUP" },
        { "unknown opcode", new PyTorchBytes().Op('\xFE').End(), "opcode 0xfe" },
        { "protocol 0", "I1\n."u8.ToArray(), "must begin with its protocol" },
        { "protocol 9", [0x80, 9, (byte)'N', (byte)'.'], "protocol 9 is not supported" },
        { "calls a storage", new PyTorchBytes().Global("torch", "FloatStorage").Op(')').Op('R').End(),
            "calls FloatStorage with other arguments" },
        { "calls a string", new PyTorchBytes().Text("x").Op(')').Op('R').End(), "calls something that is not a function" },
        { "no arguments", new PyTorchBytes().Global("collections", "OrderedDict").Op('N').Op('R').End(), "has no arguments" },
        { "OrderedDict of something", new PyTorchBytes().Global("collections", "OrderedDict").Op('N').Op('\x85').Op('R').End(),
            "calls OrderedDict with other arguments" },
        { "BUILD on dict", new PyTorchBytes().Op('}').Op('}').Op('b').End(), "sets the state of something other than an OrderedDict" },
        { "BUILD on tensor", new PyTorchBytes().Tensor(Four, 0, [4], [1]).Op('}').Op('b').End(),
            "sets the state of something other than an OrderedDict" },
        { "BUILD on nothing", new PyTorchBytes().Op('}').Op('b').End(), "takes more values from the stack" },
        { "empty stack", new PyTorchBytes().End(), "ends with other than one value" },
        { "two values", new PyTorchBytes().Op('N').Op('N').End(), "ends with other than one value" },
        { "mark left", new PyTorchBytes().Op('N').Op('(').End(), "ends with other than one value" },
        { "no mark", new PyTorchBytes().Op('N').Op('t').End(), "takes a mark" },
        { "tuple of nothing", new PyTorchBytes().Op('\x86').End(), "takes more values" },
        { "tuple across a mark", new PyTorchBytes().Op('N').Op('(').Op('\x85').End(), "takes more values" },
        { "set item across a mark", new PyTorchBytes().Op('}').Op('N').Op('(').Op('N').Op('s').End(), "sets items of something other" },
        { "odd items", new PyTorchBytes().Op('}').Op('(').Op('N').Op('u').End(), "sets items of something other" },
        { "append to a tuple", new PyTorchBytes().Op(')').Op('N').Op('a').End(), "appends to something other" },
        { "memo of nothing", new PyTorchBytes().Op('q').Raw(0).End(), "takes more values" },
        { "memo far away", new PyTorchBytes().Op('N').Op('r').Raw(255, 255, 255, 255).End(), "memorizes too many" },
        { "recall", new PyTorchBytes().Op('h').Raw(0).End(), "recalls a value" },
        { "long integer", new PyTorchBytes().Op('\x8a').Raw(9).Raw(new byte[9]).End(), "has an integer of 9 bytes" },
        { "long string", new PyTorchBytes().Op('X').Raw(255, 255, 255, 255).End(), "has a string of 4294967295 bytes" },
        { "string that is no text", new PyTorchBytes().Op('X').Raw(1, 0, 0, 0, 0xFF).End(), "is not UTF-8" },
        { "frame", new PyTorchBytes().Op('\x95').Raw(255, 255, 255, 255, 255, 255, 255, 255).End(), "a frame ends after the pickle" },
        { "unknown persistent id", new PyTorchBytes().Op('(').Text("module").Op('t').Op('Q').End(),
            "refers to something other than a storage" },
        { "persistent id of a string", new PyTorchBytes().Text("storage").Op('Q').End(), "refers to something other than a storage" },
        { "storage of OrderedDict", new PyTorchBytes().Op('(').Text("storage").Global("collections", "OrderedDict").Text("0").Text("cpu")
            .Integer(4).Op('t').Op('Q').End(), "OrderedDict is not a type of storage" },
        { "negative storage", new PyTorchBytes().StorageReference(Four with { Count = -1 }).End(), "has -1 elements" },
        { "overflowing storage", new PyTorchBytes().StorageReference(Four with { Count = long.MaxValue / 2 }).End(), "elements" },
        { "storage twice", new PyTorchBytes().StorageReference(Four).StorageReference(Four with { Count = 3 }).End(),
            "is there twice, with different" },
        { "storage of the wrong size", new PyTorchBytes().Op('}').Text("x").Tensor(Four with { Count = 3 }, 0, [3], [1]).Op('s').End(),
            "m/data/0: has 16 bytes; 3 elements of Float32 take 12" },
        { "storage that is not there", new PyTorchBytes().Op('}').Text("x").Tensor(Four with { Key = "1" }, 0, [4], [1]).Op('s').End(),
            "m/data/1: is missing" },
        { "storage elsewhere", new PyTorchBytes().Op('}').Text("x").Tensor(Four with { Key = "../version", Count = 4 }, 0, [4], [1]).Op('s')
            .End(), "m/data/../version: is missing" },
        { "list", new PyTorchBytes().Op(']').End(), "does not hold a dictionary of tensors" },
        { "tensor alone", new PyTorchBytes().Tensor(Four, 0, [4], [1]).End(), "does not hold a dictionary of tensors" },
        { "number among tensors", new PyTorchBytes().Op('}').Text("epoch").Integer(3).Op('s').End(), "epoch: is a number, not a tensor" },
        { "dictionary among tensors", new PyTorchBytes().Op('}').Text("state_dict").Op('}').Op('s').End(),
            "state_dict: is a dictionary, not a tensor" },
        { "unnamed tensor", new PyTorchBytes().Op('}').Integer(1).Tensor(Four, 0, [4], [1]).Op('s').End(), "whose name is not a string" },
        { "same name twice", new PyTorchBytes().Op('}').Op('(').Text("x").Tensor(Four, 0, [4], [1]).Text("x").Tensor(Four, 0, [4], [1])
            .Op('u').End(), "x: is there twice" },
        { "something after", [.. new PyTorchBytes().Op('}').End(), 0], "has something after the pickle" },
        { "hooks", new PyTorchBytes().Global("torch._utils", "_rebuild_tensor_v2").Op('(').StorageReference(Four).Integer(0).Tuple(4)
            .Tuple(1).Op('\x89').Op('}').Op('N').Op('N').Op('s').Op('t').Op('R').End(), "with other arguments" },
        { "conjugate view", new PyTorchBytes().Global("torch._utils", "_rebuild_tensor_v2").Op('(').StorageReference(Four).Integer(0)
            .Tuple(4).Tuple(1).Op('\x89').Op('}').Op('}').Text("conj").Op('\x88').Op('s').Op('t').Op('R').End(), "with other arguments" },
    };

    public static TheoryData<string, long, long[], long[], string> Views => new()
    {
        { "past the end", 0, [5], [1], "ends after the storage's 4 elements" },
        { "offset past the end", 4, [1], [1], "ends after the storage's 4 elements" },
        { "stride past the end", 0, [2, 2], [3, 2], "ends after" },
        { "negative offset", -1, [4], [1], "has the offset -1" },
        { "negative size", 0, [-1], [1], "has a size that is not" },
        { "negative stride", 3, [4], [-1], "has a stride that is not" },
        { "overflowing shape", 0, [1L << 32, 1L << 32], [0, 0], "is too large" },
        { "overflow to a small number", 0, [long.MaxValue, 2, 2], [0, 0, 0], "is too large" },
        { "overflowing stride", 0, [2, 3], [1, long.MaxValue], "is too large" },
        { "stride 0", 0, [1_000_000_000], [0], "has more elements than the storage" },
        { "overlapping", 0, [3, 2], [1, 1], "has more elements than the storage" },
        { "more sizes than strides", 0, [2, 2], [1], "has 2 sizes and 1 strides" },
        { "many dimensions", 0, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
            "has 17 dimensions" },
    };

    [Theory]
    [MemberData(nameof(Pickles))]
    public void RefusesAPickle(string name, byte[] pickle, string message)
    {
        var error = Assert.Throws<InvalidModelFileException>(() => PyTorchFileTests.Open(Zip(pickle, Four)));

        Assert.StartsWith("model.bin: ", error.Message, StringComparison.Ordinal);
        Assert.True(error.Message.Contains(message, StringComparison.Ordinal), $"{name}: {error.Message}");
    }

    [Theory]
    [MemberData(nameof(Views))]
    public void RefusesAView(string name, long offset, long[] shape, long[] strides, string message)
    {
        var error = Assert.Throws<InvalidModelFileException>(() => PyTorchFileTests.Open(OneTensor(Four, offset, shape, strides)));

        Assert.True(error.Message.Contains(message, StringComparison.Ordinal), $"{name}: {error.Message}");
        Assert.Equal("storage '0'", error.Item);
    }

    [Theory]
    [InlineData(')', 0)]
    [InlineData('(', 0)]
    [InlineData(']', 0)]
    [InlineData('}', 0)]
    [InlineData('}', 0x85)]
    [InlineData('N', 0x94)]
    public void RepetitionAndDepthAreBounded(char first, byte second)
    {
        var pickle = new PyTorchBytes();
        for (var i = 0; i < 4_000_000; i++)
        {
            pickle.Op(first);
            if (second != 0) pickle.Raw(second);
        }

        var bytes = Zip(pickle.End());
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<InvalidModelFileException>(() => PyTorchFileTests.Open(bytes));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (10L * bytes.Length) + (64 << 20));
    }

    [Fact]
    public void ManyTensorsAreReadAndTooManyRefused()
    {
        static byte[] Make(int count)
        {
            var pickle = new PyTorchBytes().OrderedDict();
            for (var batch = 0; batch < count; batch += 1000)
            {
                pickle.Op('(');
                for (var i = batch; i < Math.Min(count, batch + 1000); i++) pickle.Text($"{i}").Tensor(Four, 0, [1], [1]);
                pickle.Op('u');
            }

            return Zip(pickle.End(), Four);
        }

        using var file = PyTorchFileTests.Open(Make(5_000));
        Assert.Equal(5_000, file.Names.Count);
        Assert.Throws<InvalidModelFileException>(() => PyTorchFileTests.Open(Make(65_537)));
    }

    [Fact]
    public void AStorageThatVeryManyTensorsShareIsRefused()
    {
        var storage = new Storage("0", "ByteStorage", 1_000_000, new byte[1_000_000]);
        var pickle = new PyTorchBytes().Op('}');
        for (var i = 0; i < 100; i++) pickle.Text($"{i}").Tensor(storage, 0, [1_000_000], [1]).Op('s');

        var error = Assert.Throws<InvalidModelFileException>(() => PyTorchFileTests.Open(Zip(pickle.End(), storage)));

        Assert.Contains("more than 32 times the file's length", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AZipBombIsRefusedBeforeAnythingIsUnpacked()
    {
        var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry("m/data.pkl", CompressionLevel.SmallestSize).Open();
            for (var i = 0; i < 20; i++) entry.Write(new byte[1 << 20]);
        }

        var bytes = stream.ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();

        var error = Assert.Throws<InvalidModelFileException>(() => PyTorchFileTests.Open(bytes));

        Assert.Equal("m/data.pkl", error.Item);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Theory]
    [InlineData("../m/data.pkl", "leaves the archive")]
    [InlineData("/etc/passwd", "leaves the archive")]
    [InlineData("m/./data.pkl", "leaves the archive")]
    [InlineData("m/data/", "leaves the archive")]
    [InlineData("", "leaves the archive")]
    [InlineData("c:m", "has a character")]
    [InlineData("m\\data.pkl", "has a character")]
    [InlineData("m/data/0", "is there twice")]
    [InlineData("n/data.pkl", "is a second data.pkl")]
    [InlineData("m/constants.pkl", "belongs to a TorchScript program")]
    public void NamesInTheArchiveAreChecked(string name, string message)
    {
        var pickle = new PyTorchBytes().Op('}').End();

        var error =
            Assert.Throws<InvalidModelFileException>(() => PyTorchFileTests.Open(
                ZipOf(("m/data.pkl", pickle), ("m/data/0", new byte[16]), (name, [1]))));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    /// <summary>
    /// The directory begins after two entries: m/data.pkl (4 bytes) and m/data/0 (16 bytes); its first entry has 46 + 10 bytes.
    /// </summary>
    [Theory]
    [InlineData("encrypted", 56 + 8, 1, "m/data/0: is encrypted")]
    [InlineData("compressed", 56 + 10, 8, "m/data/0: is compressed (method 8)")]
    [InlineData("sizes differ", 56 + 20, 15, "m/data/0: has 15 bytes in the archive and 16 outside")]
    [InlineData("other checksum", 56 + 16, 0x56, "m/data/0: its local header disagrees")]
    [InlineData("other local name", 56 + 47, (byte)'x', "its local header disagrees")]
    [InlineData("overlapping", 56 + 42, 0, "overlaps another entry")]
    [InlineData("no local header", 56 + 42, 45, "does not begin with a local header")]
    [InlineData("signature", 56, 0, "its zip directory is damaged")]
    [InlineData("long name", 56 + 29, 1, "its zip directory is damaged")]
    [InlineData("disk", 56 + 34, 1, "is on another disk")]
    [InlineData("pickle's checksum", 16, 0x55, "m/data.pkl: its local header disagrees")]
    public void HeadersThatLieAreRefused(string name, int position, byte value, string message)
    {
        var bytes = ZipOf(("m/data.pkl", new PyTorchBytes().Op('}').End()), ("m/data/0", new byte[16]));
        var directory = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - 6));
        bytes[directory + position] = value;

        var error = Assert.Throws<InvalidModelFileException>(() => PyTorchFileTests.Open(bytes));

        Assert.True(error.Message.Contains(message, StringComparison.Ordinal), $"{name}: {error.Message}");
    }

    [Fact]
    public void DamageToThePickleIsSeen()
    {
        var bytes = Zip(new PyTorchBytes().Op('}').Text("x").Tensor(Four, 0, [4], [1]).Op('s').End(), Four);
        var at = bytes.AsSpan().IndexOf("storage"u8);
        bytes[at] ^= 1;

        Assert.Contains("wrong checksum", Assert.Throws<InvalidModelFileException>(() => PyTorchFileTests.Open(bytes)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("something after", 1)]
    [InlineData("something before", -1)]
    public void AnArchiveWithSomethingAroundItIsRefused(string name, int where)
    {
        var bytes = OneTensor(Four, 0, [4], [1]);
        byte[] around = where > 0 ? [.. bytes, 0] : [(byte)'P', (byte)'K', .. bytes];

        Assert.True(Assert.Throws<InvalidModelFileException>(() => PyTorchFileTests.Open(around)).Message.Length > 0, name);
    }

    [Fact]
    public void TheLegacyLayoutIsChecked()
    {
        var pickle = new PyTorchBytes().Op('}').Text("x").Tensor(Four, 0, [4], [1]).Op('s').End();
        using (var file = PyTorchFileTests.Open(Legacy(pickle, Four))) Assert.Equal([1, 2, 3, 4], PyTorchFileTests.Floats(file, "x"));

        Refused(Legacy(pickle), "lists 0 storages and uses 1");
        Refused(Legacy(pickle, Four with { Key = "1" }), "lists a storage that it does not use");
        Refused(Legacy(pickle, Four with { Count = 3 }), "storage '0': has 3 elements here and 4 in the pickle");
        Refused(Legacy(pickle, Four with { Data = new byte[15] }), "storage '0': ends after the file");
        Refused([.. Legacy(pickle, Four), 0], "has 1 bytes after the last storage");
        Refused(pickle, "is a pickle, but not a PyTorch checkpoint");
        var other = Storage(2, "1");
        Refused(Legacy(new PyTorchBytes().Op('}').Text("x").Tensor(Four, 0, [4], [1]).Op('s').Text("y").Tensor(other, 0, [2], [1]).Op('s')
            .End(), Four, Four), "listed twice");

        static Storage Storage(int count, string key) => new(key, "FloatStorage", count, new byte[4 * count]);
        static void Refused(byte[] bytes, string message) =>
            Assert.Contains(message, Assert.Throws<InvalidModelFileException>(() => PyTorchFileTests.Open(bytes)).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsNoCheckpointSaysWhatItIs()
    {
        Refused("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"u8.ToArray(), "is a Git LFS pointer");
        Refused("<!DOCTYPE html>"u8.ToArray(), "is not a PyTorch checkpoint");
        Refused([], "is not a PyTorch checkpoint");
        var tar = new byte[1024];
        "ustar"u8.CopyTo(tar.AsSpan(257));
        Refused(tar, "tar layout");
        Refused(ZipOf(("a", [1])), "zip archive without NAME/data.pkl");
        Refused(ZipOf(("m/data.pkl", new PyTorchBytes().Op('}').End()), ("m/byteorder", "big"u8.ToArray())), "is not 'little'");

        static void Refused(byte[] bytes, string message) =>
            Assert.Contains(message, Assert.Throws<InvalidModelFileException>(() => PyTorchFileTests.Open(bytes)).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void TruncatedAtEveryByte()
    {
        var pickle = new PyTorchBytes().OrderedDict().Op('(').Text("a").Tensor(Four, 0, [2, 2], [2, 1]).Text("b").Tensor(Four, 1, [2], [1])
            .Op('u').End();
        foreach (var whole in new[] { Zip(pickle, Four), Legacy(pickle, Four) })
        {
            PyTorchFileTests.Open(whole).Dispose();
            for (var length = 0; length < whole.Length; length++)
                Assert.Throws<InvalidModelFileException>(() => PyTorchFileTests.Open(whole[..length]));
        }
    }

    [Fact]
    public void SixtyFourBitSizesAreReadAndMustAgree()
    {
        // The reference's files end with both kinds of directory.
        var bytes = File.ReadAllBytes(Path.Combine(GoldenModels.Folder("squeezebert-sequence-classification"), "pytorch_model.bin"));
        var locator = bytes.Length - 42;
        Assert.Equal(0x07064b50u, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(locator)));
        foreach (var position in new[] { locator + 8, locator - 56, locator - 56 + 4, locator - 56 + 24, locator - 56 + 32,
            locator - 56 + 40, locator - 56 + 48 })
        {
            var changed = (byte[])bytes.Clone();
            changed[position] ^= 1;
            Assert.Throws<InvalidModelFileException>(() => PyTorchFileTests.Open(changed));
        }
    }

    [Fact]
    public void TheChecksumIsThatOfZip() => Assert.Equal(0xCBF43926u, Crc32.Of("123456789"u8));
}
