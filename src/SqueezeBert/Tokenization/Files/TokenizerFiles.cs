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
            return Load(ModelFiles.Of(path), options);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file or folder; give a model folder, a vocab.txt or a tokenizer.json.", path);
        return path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? FromJson(path, options)
            : new BertTokenizer(ReadVocabulary(path), options ?? new BertTokenizerOptions(), path);
    }

    internal static void Save(BertTokenizer tokenizer, string folder)
    {
        FileProblem.MakeFolder(folder);
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

    /// <summary>The tokenizer of a model's files.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    internal static BertTokenizer Load(ModelFiles files, BertTokenizerOptions? options)
    {
        if (files.Has(TokenizerFileNames.Tokenizer))
        {
            var json = files.PathOf(TokenizerFileNames.Tokenizer);
            (var read, var found) = TokenizerJsonReader.Parse(files.Read(TokenizerFileNames.Tokenizer, JsonFields.MaxBytes), json);
            return new BertTokenizer(read, options ?? FolderTokenizer.Configure(files, read, found), json);
        }

        var vocabulary = files.PathOf(TokenizerFileNames.Vocabulary);
        if (!files.Has(TokenizerFileNames.Vocabulary))
        {
            files.RequireListable();
            throw new FileNotFoundException(
                $"{files.Name}: neither {TokenizerFileNames.Tokenizer} nor {TokenizerFileNames.Vocabulary} is in this folder.", vocabulary);
        }

        using var source = files.Open(TokenizerFileNames.Vocabulary);
        using var stream = new ByteSourceStream(source);
        var lines = new Vocabulary(VocabularyFile.Read(stream, vocabulary));
        return new BertTokenizer(lines, options ?? FolderTokenizer.Configure(files, lines, null), vocabulary);
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
