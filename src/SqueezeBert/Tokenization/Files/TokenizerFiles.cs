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
            return Load(ModelFiles.Of(path), options);
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

    /// <summary>The tokenizer of a model's files.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    internal static BertTokenizer Load(ModelFiles files, BertTokenizerOptions? options)
    {
        if (files.Has(TokenizerName))
        {
            var json = files.PathOf(TokenizerName);
            (var tokens, var found) = TokenizerJsonReader.Parse(files.Read(TokenizerName, JsonFields.MaxBytes), json);
            return new BertTokenizer(tokens, options ?? Configure(files, found), json);
        }

        var vocabulary = files.PathOf(VocabularyName);
        if (!files.Has(VocabularyName))
            throw new FileNotFoundException($"{files.Name}: neither {TokenizerName} nor {VocabularyName} is in this folder.", vocabulary);
        using var source = files.Open(VocabularyName);
        using var stream = new ByteSourceStream(source);
        return new BertTokenizer(
            VocabularyFile.Read(stream, vocabulary), options ?? Configure(files, new BertTokenizerOptions()), vocabulary);
    }

    private static BertTokenizerOptions Configure(ModelFiles files, BertTokenizerOptions options)
    {
        foreach (var name in (ReadOnlySpan<string>)[SpecialTokensName, ConfigName])
        {
            if (files.Has(name))
                options = TokenizerConfigReader.Parse(files.Read(name, JsonFields.MaxBytes), files.PathOf(name), options);
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
        using var stream = File.OpenRead(file);
        return new BertTokenizer(VocabularyFile.Read(stream, file), options, file);
    }
}
