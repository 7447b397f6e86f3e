using System.Text.Json;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Tokenization.Files;

/// <summary>Reads a tokenizer.json of the WordPiece kind; anything that this library would tokenize differently is refused.</summary>
internal static class TokenizerJsonReader
{
    internal static (Vocabulary Vocabulary, BertTokenizerOptions Options) Read(string file) => Parse(JsonFields.Bytes(file), file);

    internal static (Vocabulary Vocabulary, BertTokenizerOptions Options) Parse(byte[] bytes, string file) =>
        JsonFields.Parse(bytes, file, root => Read(root, file));

    private static (Vocabulary Vocabulary, BertTokenizerOptions Options) Read(JsonElement root, string file)
    {
        if (root.ValueKind != JsonValueKind.Object || JsonFields.Object(root, "model", file) is not { } model)
            throw new InvalidModelFileException(file, "model", "It is missing: this is not the tokenizer.json of a tokenizer.");
        if (root.TryGetProperty("version", out var version)
            && (version.ValueKind != JsonValueKind.String || version.GetString() != "1.0"))
            throw new InvalidModelFileException(file, "version", "It must be \"1.0\".");
        CheckModelType(model, file);
        var vocabulary = ReadVocabulary(model, file);
        var options = ReadNormalizer(root, file);
        CheckPreTokenizer(root, file);
        options = options with
        {
            UnknownToken = JsonFields.RequiredString(model, "model.unk_token", file),
            ContinuingSubwordPrefix = JsonFields.RequiredString(model, "model.continuing_subword_prefix", file),
            MaxInputCharsPerWord = JsonFields.RequiredInteger(model, "model.max_input_chars_per_word", file),
        };
        options = ReadDecoder(root, LengthSettings.Read(root, options, file), file);
        var added = AddedTokenReader.FromTokenizer(root, vocabulary, file);
        return (vocabulary, PostProcessorReader.Read(root, options, added, file) with
        {
            AddedTokens = added.Tokens,
            FindsListedTokensOnly = true,
        });
    }

    private static void CheckModelType(JsonElement model, string file)
    {
        var type = model.TryGetProperty("type", out var name) ? name.ToString() : null;
        var isWordPiece = type is null ? !model.TryGetProperty("merges", out _)
            : name.ValueKind == JsonValueKind.String && type == "WordPiece";
        if (!isWordPiece)
        {
            throw new InvalidModelFileException(file, "model.type",
                $"This is a {(string.IsNullOrEmpty(type) ? "BPE" : type)} tokenizer; only BERT's WordPiece tokenizers are supported.");
        }
    }

    private static void CheckPreTokenizer(JsonElement root, string file)
    {
        if (JsonFields.Object(root, "pre_tokenizer", file) is not { } preTokenizer)
        {
            throw new InvalidModelFileException(
                file, "pre_tokenizer", "There is none, so that a text is one word; only a BertPreTokenizer is supported.");
        }

        if (JsonFields.String(preTokenizer, "type", file) != "BertPreTokenizer")
            throw JsonFields.Unsupported(file, "pre_tokenizer", preTokenizer, "BertPreTokenizer");
    }

    private static BertTokenizerOptions ReadNormalizer(JsonElement root, string file)
    {
        if (JsonFields.Object(root, "normalizer", file) is not { } normalizer)
            return new BertTokenizerOptions { CleanText = false, HandleChineseChars = false, StripAccents = false, LowerCase = false };
        if (JsonFields.String(normalizer, "type", file) != "BertNormalizer")
            throw JsonFields.Unsupported(file, "normalizer", normalizer, "BertNormalizer");
        return new BertTokenizerOptions
        {
            CleanText = JsonFields.RequiredBoolean(normalizer, "normalizer.clean_text", file),
            HandleChineseChars = JsonFields.RequiredBoolean(normalizer, "normalizer.handle_chinese_chars", file),
            StripAccents = JsonFields.Boolean(normalizer, "strip_accents", file),
            LowerCase = JsonFields.RequiredBoolean(normalizer, "normalizer.lowercase", file),
        };
    }

    private static BertTokenizerOptions ReadDecoder(JsonElement root, BertTokenizerOptions options, string file)
    {
        if (JsonFields.Object(root, "decoder", file) is not { } decoder)
            return options with { HasDecoder = false, CleanUpTokenizationSpaces = false };
        if (JsonFields.String(decoder, "type", file) != "WordPiece")
            throw JsonFields.Unsupported(file, "decoder", decoder, "WordPiece");
        var prefix = JsonFields.RequiredString(decoder, "decoder.prefix", file);
        if (prefix != options.ContinuingSubwordPrefix || prefix.Length == 0)
        {
            throw new InvalidModelFileException(file, "decoder.prefix",
                $"It is '{prefix}'; only that of the model, '{options.ContinuingSubwordPrefix}', is supported, and not an empty one.");
        }

        return options with { CleanUpTokenizationSpaces = JsonFields.RequiredBoolean(decoder, "decoder.cleanup", file) };
    }

    private static Vocabulary ReadVocabulary(JsonElement model, string file)
    {
        if (!model.TryGetProperty("vocab", out var vocabulary) || vocabulary.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidModelFileException(
                file, "model.vocab",
                "It must be an object of tokens and ids; other shapes belong to kinds other than WordPiece, which are not supported.");
        }

        var entries = new List<(string Token, int Id)>();
        var largest = -1;
        foreach (var property in vocabulary.EnumerateObject())
        {
            var id = JsonFields.Integer(property.Value, "model.vocab", file);
            entries.Add((property.Name, id));
            largest = Math.Max(largest, id);
        }

        if (entries.Count == 0)
            throw new InvalidModelFileException(file, "model.vocab", "It is empty.");
        if (largest > entries.Count + SpecialTokens.MaxGap)
            throw new InvalidModelFileException(file, "model.vocab",
                FormattableString.Invariant($"Id {largest} is far beyond the {entries.Count} tokens."));
        var tokens = new string?[largest + 1];
        foreach ((var token, var id) in entries)
        {
            if (tokens[id] is { } other && other != token)
                throw new InvalidModelFileException(
                    file, "model.vocab", FormattableString.Invariant($"Id {id} is given to two tokens, {other} and {token}."));
            tokens[id] = token;
        }

        var read = new Vocabulary(tokens);
        return read.DistinctCount == tokens.Count(static token => token is not null) ? read
            : throw new InvalidModelFileException(file, "model.vocab", "A token is given twice.");
    }
}
