using System.Text.Encodings.Web;
using System.Text.Json;
using SqueezeBert.Files;

namespace SqueezeBert.Tokenization.Files;

/// <summary>The tokenizer files of a model folder.</summary>
internal static class TokenizerFiles
{
    internal static BertTokenizer Load(string path, BertTokenizerOptions? options)
    {
        if (Directory.Exists(path))
            return LoadFolder(path, options);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file or folder; give a model folder, a vocab.txt or a tokenizer.json.", path);
        return path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? FromJson(path, options)
            : new BertTokenizer(ReadVocabulary(path), options ?? new BertTokenizerOptions(), path);
    }

    internal static void Save(BertTokenizer tokenizer, string folder)
    {
        Directory.CreateDirectory(folder);
        var tokens = SavedVocabulary.Of(tokenizer.ModelVocabulary, tokenizer.Options.AddedTokens);
        AtomicFile.WriteText(Path.Combine(folder, TokenizerFileNames.Vocabulary), w => VocabularyFile.Write(w, tokens));
        Write(TokenizerFileNames.SpecialTokens, w => TokenizerJsonWriter.WriteSpecialTokens(w, tokenizer));
        Write(TokenizerFileNames.Config, w => TokenizerJsonWriter.WriteConfig(w, tokenizer));
        Write(TokenizerFileNames.Tokenizer, w => TokenizerJsonWriter.WriteTokenizer(w, tokenizer, tokens));

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
        var json = ModelPaths.FileIn(folder, TokenizerFileNames.Tokenizer);
        var vocabulary = ModelPaths.FileIn(folder, TokenizerFileNames.Vocabulary);
        if (File.Exists(json))
        {
            (var read, var found) = TokenizerJsonReader.Read(json);
            return new BertTokenizer(read, options ?? FolderTokenizer.Configure(folder, read, found), json);
        }

        if (!File.Exists(vocabulary))
        {
            throw new FileNotFoundException(
                $"{folder}: neither {TokenizerFileNames.Tokenizer} nor {TokenizerFileNames.Vocabulary} is in this folder.", vocabulary);
        }

        var lines = ReadVocabulary(vocabulary);
        return new BertTokenizer(lines, options ?? FolderTokenizer.Configure(folder, lines, null), vocabulary);
    }

    private static BertTokenizer FromJson(string file, BertTokenizerOptions? options)
    {
        (var vocabulary, var found) = TokenizerJsonReader.Read(file);
        return new BertTokenizer(vocabulary, options ?? found, file);
    }

    private static Vocabulary ReadVocabulary(string file)
    {
        using var stream = RegularFile.OpenRead(file);
        return new Vocabulary(VocabularyFile.Read(stream, file));
    }
}
