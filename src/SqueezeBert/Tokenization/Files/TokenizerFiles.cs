using System.Text.Encodings.Web;
using System.Text.Json;
using SqueezeBert.Files;

namespace SqueezeBert.Tokenization.Files;

/// <summary>The tokenizer files of a model folder.</summary>
internal static class TokenizerFiles
{
    internal const string VocabularyName = "vocab.txt";
    internal const string TokenizerName = "tokenizer.json";
    internal const string ConfigName = "tokenizer_config.json";
    internal const string SpecialTokensName = "special_tokens_map.json";

    /// <summary>How many ids may have no token: bounds the memory that a hostile id can ask for.</summary>
    internal const int MaxGap = 65_536;

    internal static BertTokenizer Load(string path, BertTokenizerOptions? options)
    {
        if (Directory.Exists(path))
            return LoadFolder(path, options);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file or folder; give a model folder, a vocab.txt or a tokenizer.json.", path);
        return path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? FromJson(path, options)
            : FromVocabulary(path, options ?? new BertTokenizerOptions());
    }

    internal static void Save(BertTokenizer tokenizer, string folder)
    {
        Directory.CreateDirectory(folder);
        AtomicFile.WriteText(Path.Combine(folder, VocabularyName), w => VocabularyFile.Write(w, tokenizer.ModelVocabulary.Tokens));
        Write(SpecialTokensName, w => TokenizerJsonWriter.WriteSpecialTokens(w, tokenizer));
        Write(ConfigName, w => TokenizerJsonWriter.WriteConfig(w, tokenizer));
        Write(TokenizerName, w => TokenizerJsonWriter.WriteTokenizer(w, tokenizer));

        void Write(string name, Action<Utf8JsonWriter> write) => AtomicFile.Write(Path.Combine(folder, name), stream =>
        {
            using (var writer = new Utf8JsonWriter(
                stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
                write(writer);
            stream.WriteByte((byte)'\n');
        });
    }

    private static BertTokenizer LoadFolder(string folder, BertTokenizerOptions? options)
    {
        var json = ModelPaths.FileIn(folder, TokenizerName);
        var vocabulary = ModelPaths.FileIn(folder, VocabularyName);
        if (File.Exists(json))
        {
            (var tokens, var found) = TokenizerJsonReader.Read(json);
            return new BertTokenizer(tokens, options ?? Configure(folder, found), json);
        }

        if (!File.Exists(vocabulary))
            throw new FileNotFoundException($"{folder}: neither {TokenizerName} nor {VocabularyName} is in this folder.", vocabulary);
        return FromVocabulary(vocabulary, options ?? Configure(folder, new BertTokenizerOptions()));
    }

    private static BertTokenizerOptions Configure(string folder, BertTokenizerOptions options)
    {
        foreach (var name in (ReadOnlySpan<string>)[SpecialTokensName, ConfigName])
        {
            var file = ModelPaths.FileIn(folder, name);
            if (File.Exists(file))
                options = TokenizerConfigReader.Read(file, options);
        }

        return options;
    }

    private static BertTokenizer FromJson(string file, BertTokenizerOptions? options)
    {
        (var tokens, var found) = TokenizerJsonReader.Read(file);
        return new BertTokenizer(tokens, options ?? found, file);
    }

    private static BertTokenizer FromVocabulary(string file, BertTokenizerOptions options)
    {
        using var stream = RegularFile.OpenRead(file);
        return new BertTokenizer(VocabularyFile.Read(stream, file), options, file);
    }
}
