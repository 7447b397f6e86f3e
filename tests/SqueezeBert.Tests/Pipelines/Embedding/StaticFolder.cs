using System.Buffers.Binary;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.Pipelines.Embedding;

/// <summary>A folder of static embeddings with eleven tokens of five numbers each, in one of the layouts that are published.</summary>
internal sealed class StaticFolder : IDisposable
{
    public const int Width = 5;

    public static readonly string[] Tokens =
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "film", "was", "good", "##ly", "."];

    private const string Configuration =
        """{"model_type":"model2vec","architectures":["StaticModel"],"hidden_dim":5,"seq_length":1000000}""";

    /// <summary>Model2Vec's: a config.json, "embeddings", perhaps "mapping" and "weights".</summary>
    public StaticFolder(string config = Configuration)
    {
        Path = Directory.CreateTempSubdirectory("squeezebert-test-").FullName;
        File.WriteAllText(System.IO.Path.Combine(Path, "config.json"), config);
        SaveTokenizer(Path);
        Write(("embeddings", "F32", [Tokens.Length, Width], Table(Tokens.Length)));
    }

    public string Path { get; }

    /// <summary>Numbers without a pattern.</summary>
    public static float[] Table(int rows) =>
        [.. Enumerable.Range(0, rows * Width).Select(i => (float)Math.Round(Math.Sin((i * i) + 1) * 3, 2))];

    public static void SaveTokenizer(string folder)
    {
        BertTokenizer.FromVocabulary(Tokens).Save(folder);
        File.Delete(System.IO.Path.Combine(folder, "vocab.txt"));
    }

    /// <summary>The folder as sentence-transformers saves it, without a config.json.</summary>
    public static StaticFolder SentenceTransformers(string modulePath, params string[] modules)
    {
        var folder = new StaticFolder();
        File.Delete(System.IO.Path.Combine(folder.Path, "config.json"));
        foreach (var file in Directory.GetFiles(folder.Path)) File.Delete(file);
        var inner = Directory.CreateDirectory(System.IO.Path.Combine(folder.Path, modulePath)).FullName;
        SaveTokenizer(inner);
        WriteTo(inner, ("embedding.weight", "F32", [Tokens.Length, Width], Table(Tokens.Length)));
        folder.WriteModules(modulePath, modules);
        return folder;
    }

    public void WriteModules(string path, params string[] modules)
    {
        var list = modules.Select((kind, i) =>
            $$"""{"idx":{{i}},"path":"{{(i == 0 ? path : $"{i}_{kind}")}}","type":"sentence_transformers.models.{{kind}}"}""");
        File.WriteAllText(System.IO.Path.Combine(Path, "modules.json"), $"[{string.Join(',', list)}]");
    }

    public void Write(params (string Name, string Type, long[] Shape, float[] Values)[] tensors) => WriteTo(Path, tensors);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>A safetensors file of any types, valid as a file whatever the tensors mean.</summary>
    private static void WriteTo(string folder, params (string Name, string Type, long[] Shape, float[] Values)[] tensors)
    {
        var data = new MemoryStream();
        var entries = new List<string>();
        foreach (var (name, type, shape, values) in tensors)
        {
            var start = data.Length;
            foreach (var value in values) data.Write(Bytes(type, value));
            var header = $$"""{"dtype":"{{type}}","shape":[{{string.Join(',', shape)}}],"data_offsets":[{{start}},{{data.Length}}]}""";
            entries.Add($"\"{name}\":{header}");
        }

        var bytes = System.Text.Encoding.UTF8.GetBytes("{" + string.Join(',', entries) + "}");
        using var file = File.Create(System.IO.Path.Combine(folder, "model.safetensors"));
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, bytes.Length);
        file.Write(length);
        file.Write(bytes);
        data.WriteTo(file);
    }

    private static byte[] Bytes(string type, float value) => type switch
    {
        "F32" => BitConverter.GetBytes(value),
        "F16" => BitConverter.GetBytes((Half)value),
        "I64" => BitConverter.GetBytes((long)value),
        "I32" => BitConverter.GetBytes((int)value),
        "I8" => [(byte)(sbyte)value],
        _ => throw new ArgumentException(type),
    };
}
