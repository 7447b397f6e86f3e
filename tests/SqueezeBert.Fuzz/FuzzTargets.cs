using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.Hub;
using SqueezeBert.ModelFolders.PyTorch;
using SqueezeBert.ModelFolders.Safetensors;
using SqueezeBert.ModelFolders.SentenceTransformers;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Files;

namespace SqueezeBert.Fuzz;

/// <summary>Every reader of untrusted files, with a corpus from the fixtures and small files that use every part of the format.</summary>
internal static class FuzzTargets
{
    private static readonly string Corpus = Path.Combine(AppContext.BaseDirectory, "Corpus");
    internal static readonly IReadOnlyList<byte[]> JsonWords =
        FuzzTarget.Texts("{", "}", "[", "]", ",", ":", "\"", "\\u0000", "\\ud800", "null", "true", "1", "\uFEFF", "\\", "\n");

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        Safetensors(), QuantizedFiles.Tensors(), QuantizedFiles.Settings(), PickleZip(), PickleLegacy(), OnnxFiles.Target(),
        Configuration(), Tokenizer(), TokenizerConfiguration(), Vocabulary(), Index(), Modules(), Listing(), VectorIndexFiles.Target(),
    ];

    private static FuzzTarget Safetensors()
    {
        var writer = new SafetensorsWriter();
        writer.Add("weight", [2, 3], new float[6]);
        writer.Add("half", [2], new float[2], TensorType.Float16);
        writer.Add("brain", [1, 1, 2], new float[2], TensorType.BFloat16);
        writer.Add("ids", [], new long[1]);
        writer.Add("nothing", [3, 0], Array.Empty<float>());
        var small = new MemoryStream();
        writer.Save(small);
        const string Header =
            """{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"b":{"dtype":"I16","shape":[2],"data_offsets":[8,12]},"c":{"dtype":"BOOL","shape":[4],"data_offsets":[12,16]},"__metadata__":{"format":"pt"}}""";
        byte[] other = [.. BitConverter.GetBytes((long)Header.Length), .. System.Text.Encoding.ASCII.GetBytes(Header), .. new byte[16]];
        return new FuzzTarget(
            "safetensors",
            [small.ToArray(), other, File.ReadAllBytes(Path.Combine(Corpus, "float16.safetensors"))],
            [.. JsonWords, .. FuzzTarget.Texts("\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"F32\"", "\"U8\"", "[0,0]",
                "\"__metadata__\":{}", "-1")],
            IsText: true,
            (bytes, buffer) => ReadTensors(SafetensorsFile.Open(ByteSource.InMemory("model.safetensors", bytes)), bytes, buffer))
        {
            SmallCount = 2,
            Repair = RepairHeader,
        };
    }

    /// <summary>The length of a safetensors header is where its JSON ends.</summary>
    internal static void RepairHeader(byte[] bytes)
    {
        var end = bytes.AsSpan().IndexOf("}}"u8);
        if (end >= 8) BinaryPrimitives.WriteInt64LittleEndian(bytes, end + 2 - 8);
    }

    private static (byte[] Pickle, PyTorchBytes.Storage[] Storages)[] SmallPickles()
    {
        var floats = PyTorchBytes.Floats("0", 1, 2, 3, 4, 5, 6);
        var longs = new PyTorchBytes.Storage("1", "LongStorage", 2, new byte[16]);
        var plain = new PyTorchBytes().Op('}').Op('q').Raw(0).Op('(')
            .Text("a.weight").Tensor(floats, 0, [2, 3], [3, 1]).Text("a.bias").Tensor(floats, 1, [2], [2]).Text("ids")
            .Tensor(longs, 0, [1, 2], [2, 1]).Op('u').End();
        var ordered = new PyTorchBytes().OrderedDict().Op('(')
            .Text("x").Global("torch._utils", "_rebuild_parameter").Op('(').Tensor(floats, 0, [3, 2], [1, 3]).Op('\x88').OrderedDict()
            .Op('t').Op('R')
            .Op('u').Op('}').Text("_metadata").OrderedDict().Op('s').Op('b').End();
        return [(plain, [floats, longs]), (ordered, [floats])];
    }

    private static IReadOnlyList<byte[]> PickleWords()
    {
        List<byte[]> words = [.. FuzzTarget.Texts("cos\nsystem\n", "ctorch\nFloatStorage\n", "ctorch._utils\n_rebuild_tensor_v2\n",
            "ccollections\nOrderedDict\n", "../../x", "data.pkl", "PK\u0003\u0004")];
        foreach (var opcode in "().NKMJGX}]tsuaeqrhjcRbQ012\x80\x81\x85\x86\x87\x88\x89\x8a\x8c\x93\x94\x95") words.Add([(byte)opcode]);
        return words;
    }

    private static FuzzTarget PickleZip()
    {
        var small = SmallPickles().Select(item => PyTorchBytes.Zip(item.Pickle, item.Storages)).ToList();
        return new FuzzTarget(
            "pickle-zip", [.. small, File.ReadAllBytes(Path.Combine(Corpus, "float16.bin"))], PickleWords(), IsText: false,
            (bytes, buffer) => ReadTensors(PyTorchFile.Open(ByteSource.InMemory("pytorch_model.bin", bytes)), bytes, buffer))
        {
            SmallCount = small.Count,
            Repair = RepairChecksum,
        };
    }

    private static FuzzTarget PickleLegacy()
    {
        var small = SmallPickles().Select(item => PyTorchBytes.Legacy(item.Pickle, item.Storages)).ToList();
        return new FuzzTarget(
            "pickle-legacy", [.. small, File.ReadAllBytes(Path.Combine(Corpus, "legacy.bin"))], PickleWords(), IsText: false,
            (bytes, buffer) => ReadTensors(PyTorchFile.Open(ByteSource.InMemory("pytorch_model.bin", bytes)), bytes, buffer))
        {
            SmallCount = small.Count,
        };
    }

    private static FuzzTarget Configuration() => new(
        "config.json",
        [.. Directory.EnumerateFiles(Path.Combine(Corpus, "configurations"), "*.json", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Select(File.ReadAllBytes)],
        [.. JsonWords, .. FuzzTarget.Texts("\"model_type\":\"bert\"", "\"hidden_size\":", "\"id2label\":{\"0\":\"a\"}", "\"num_labels\":",
            "\"architectures\":[]", "\"embedding_size\":", "\"convolution_kernel_sizes\":[3]")],
        IsText: true,
        (bytes, _) => ModelConfiguration.Parse(bytes, "config.json").ToJson());

    private static FuzzTarget Tokenizer()
    {
        var corpus = SmallTokenizers().Select(folder => folder["tokenizer.json"]).ToList();
        return new FuzzTarget(
            "tokenizer.json", corpus,
            [.. JsonWords, .. FuzzTarget.Texts("\"vocab\":{}", "\"added_tokens\":[]", "\"type\":\"WordPiece\"", "\"type\":\"BPE\"",
                "\"id\":65000", "\"normalizer\":null", "\"content\":\"\"", "\"lstrip\":true")],
            IsText: true,
            (bytes, _) =>
            {
                var (vocabulary, options) = TokenizerJsonReader.Parse(bytes, "tokenizer.json");
                new BertTokenizer(vocabulary, options, "tokenizer.json").Count("a [MASK] ab!");
            });
    }

    private static FuzzTarget TokenizerConfiguration()
    {
        var corpus =
            SmallTokenizers().SelectMany(folder => new[] { folder["tokenizer_config.json"], folder["special_tokens_map.json"] }).ToList();
        return new FuzzTarget(
            "tokenizer_config.json", corpus,
            [.. JsonWords, .. FuzzTarget.Texts("\"model_max_length\":1e30", "\"unk_token\":{}",
                "\"added_tokens_decoder\":{\"5\":{\"content\":\"x\"}}", "\"do_lower_case\":")],
            IsText: true,
            (bytes, _) => TokenizerConfigReader.Parse(bytes, "tokenizer_config.json"));
    }

    private static FuzzTarget Vocabulary()
    {
        using var packed = new GZipStream(File.OpenRead(Path.Combine(Corpus, "bert-base-uncased.txt.gz")), CompressionMode.Decompress);
        using var reader = new StreamReader(packed);
        var large = new StringBuilder();
        for (var i = 0; i < 3000 && reader.ReadLine() is { } line; i++) large.Append(line).Append('\n');
        return new FuzzTarget(
            "vocab.txt",
            [.. FuzzTarget.Texts("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\n\u00e9\n##\n!\n", "[UNK]\r\n[CLS]\r\n[SEP]\r\n\r\nword\r\n",
                large.ToString())],
            FuzzTarget.Texts("\n", "\r", "##", "[UNK]", "[CLS]", "[SEP]", "\uFEFF", "\u0000", " ", "\u2028", "\U0001F600"),
            IsText: false,
            (bytes, _) => BertTokenizer.FromVocabulary(new MemoryStream(bytes)).Count("a [MASK] ab!"))
        {
            SmallCount = 2,
        };
    }

    private static FuzzTarget Index() => new(
        "index.json",
        FuzzTarget.Texts(
            """{"metadata":{"total_size":1},"weight_map":{"a.weight":"model-00001-of-00002.safetensors","b.weight":"model-00002-of-00002.safetensors"}}""",
            """{"weight_map":{"a":"pytorch_model-00001-of-00001.bin"}}"""),
        [.. JsonWords, .. FuzzTarget.Texts("../", "/etc/passwd", "C:", "..\\\\", "\"weight_map\":", "\\u002e\\u002e/")],
        IsText: true,
        (bytes, _) =>
        {
            foreach (var file in ShardedTensors.ParseIndex(bytes, "index.json").Values)
            {
                if (Path.GetFileName(file) != file || file is "." or "..")
                    throw new InvalidOperationException($"accepted the file name '{file}'");
            }
        });

    private static FuzzTarget Modules() => new(
        "modules.json",
        FuzzTarget.Texts(
            """[{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"},{"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"}]"""),
        [.. JsonWords, .. FuzzTarget.Texts("../", "\"path\":", "\"type\":", "sentence_transformers.")],
        IsText: true,
        (bytes, _) =>
        {
            foreach (var (_, path) in SentenceModules.Parse(bytes, "modules.json"))
            {
                if (Path.GetFileName(path) != path || path is "." or "..")
                    throw new InvalidOperationException($"accepted the folder name '{path}'");
            }
        });

    private static FuzzTarget Listing()
    {
        var model = ModelReference.Parse("owner/name");
        return new FuzzTarget(
            "hub-list",
            FuzzTarget.Texts(
                """{"id":"owner/name","sha":"0123456789abcdef0123456789abcdef01234567","siblings":[{"rfilename":"config.json","size":12,"blobId":"0123456789abcdef0123456789abcdef01234567"},{"rfilename":"model.safetensors","size":9,"lfs":{"sha256":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","size":9}}]}"""),
            [.. JsonWords, .. FuzzTarget.Texts("\"siblings\":", "\"rfilename\":", "\"lfs\":", "../", "\"sha\":")],
            IsText: true,
            (bytes, _) => HubListing.Parse(model, bytes));
    }

    private static void ReadTensors(ITensorSource source, byte[] bytes, float[] buffer)
    {
        using (source)
        {
            foreach (var name in source.Names)
            {
                if (!source.TryGetTensor(name, out var info)) throw new InvalidOperationException($"'{name}' is listed and not there");
                if (info.ElementCount > bytes.Length)
                    throw new InvalidOperationException($"'{name}' has more elements than the file has bytes");
                source.ReadFloats(name, buffer.AsSpan(0, (int)info.ElementCount));
            }
        }
    }

    /// <summary>Writes the true checksum of an unmoved NAME/data.pkl into the directory and the local header.</summary>
    private static void RepairChecksum(byte[] bytes)
    {
        var span = bytes.AsSpan();
        var local = span.IndexOf("PK\u0003\u0004"u8);
        var central = span.IndexOf("PK\u0001\u0002"u8);
        if (local != 0 || central < 0 || central + 46 > bytes.Length || bytes.Length < 30) return;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(span[(central + 24)..]);
        var data = 30L + BinaryPrimitives.ReadUInt16LittleEndian(span[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(span[28..]);
        if (data + length > bytes.Length) return;
        var crc = Crc32.Of(span.Slice((int)data, (int)length));
        BinaryPrimitives.WriteUInt32LittleEndian(span[(central + 16)..], crc);
        if (BinaryPrimitives.ReadUInt32LittleEndian(span[14..]) != 0) BinaryPrimitives.WriteUInt32LittleEndian(span[14..], crc);
    }

    /// <summary>The files of two small tokenizers, as the library writes them.</summary>
    private static List<Dictionary<string, byte[]>> SmallTokenizers()
    {
        var folders = new List<Dictionary<string, byte[]>>();
        string[] tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##b", "\u00e9", "!"];
        foreach (var options in new[] { new BertTokenizerOptions(), new BertTokenizerOptions { LowerCase = false, StripAccents = false,
            AddedTokens = [new AddedToken(9, "<x>") { LStrip = true }] } })
        {
            var folder = Directory.CreateTempSubdirectory("squeezebert-fuzz-");
            try
            {
                BertTokenizer.FromVocabulary(tokens, options).Save(folder.FullName);
                folders.Add(folder.EnumerateFiles().ToDictionary(file => file.Name, file => File.ReadAllBytes(file.FullName)));
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }

        return folders;
    }
}
