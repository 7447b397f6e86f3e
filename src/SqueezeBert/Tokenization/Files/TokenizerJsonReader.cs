using System.Text.Json;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Tokenization.Files;

/// <summary>Reads a tokenizer.json of the WordPiece kind; anything that this library would tokenize differently is refused.</summary>
internal static class TokenizerJsonReader
{
    internal static (string?[] Tokens, BertTokenizerOptions Options) Read(string file) => Parse(JsonFields.Bytes(file), file);

    internal static (string?[] Tokens, BertTokenizerOptions Options) Parse(byte[] bytes, string file) =>
        JsonFields.Parse(bytes, file, root => Read(root, file));

    private static (string?[] Tokens, BertTokenizerOptions Options) Read(JsonElement root, string file)
    {
        if (root.ValueKind != JsonValueKind.Object || JsonFields.Object(root, "model", file) is not { } model)
            throw new InvalidModelFileException(file, "model", "It is missing: this is not the tokenizer.json of a tokenizer.");
        var type = JsonFields.String(model, "type", file);
        if (type is not (null or "WordPiece") || model.TryGetProperty("merges", out _))
        {
            throw new InvalidModelFileException(
                file, "model.type", $"This is a {type ?? "BPE"} tokenizer; only BERT's WordPiece tokenizers are supported.");
        }

        var options = ReadNormalizer(root, file);
        if (JsonFields.Object(root, "pre_tokenizer", file) is { } preTokenizer
            && JsonFields.String(preTokenizer, "type", file) != "BertPreTokenizer")
            throw Unsupported(file, "pre_tokenizer", preTokenizer, "BertPreTokenizer");
        var tokens = ReadVocabulary(model, file);
        options = options with
        {
            UnknownToken = JsonFields.String(model, "unk_token", file) ?? options.UnknownToken,
            ContinuingSubwordPrefix = JsonFields.String(model, "continuing_subword_prefix", file) ?? options.ContinuingSubwordPrefix,
            MaxInputCharsPerWord = model.TryGetProperty("max_input_chars_per_word", out var most)
                ? JsonFields.Integer(most, "model.max_input_chars_per_word", file)
                : options.MaxInputCharsPerWord,
            AddedTokens = ReadAddedTokens(root, file),
        };
        if (JsonFields.Object(root, "decoder", file) is { } decoder)
        {
            if (JsonFields.String(decoder, "type", file) != "WordPiece")
                throw Unsupported(file, "decoder", decoder, "WordPiece");
            options = options with { CleanUpTokenizationSpaces = JsonFields.Boolean(decoder, "cleanup", file) ?? true };
        }

        return (tokens, PostProcessorReader.Read(root, options, file));
    }

    internal static InvalidModelFileException Unsupported(string file, string field, JsonElement element, string expected)
    {
        var type = element.ValueKind == JsonValueKind.Object && element.TryGetProperty("type", out var name) ? name.ToString()
            : "unnamed one";
        return new InvalidModelFileException(file, field, $"It is a {type}; only a {expected} is supported.");
    }

    private static BertTokenizerOptions ReadNormalizer(JsonElement root, string file)
    {
        if (JsonFields.Object(root, "normalizer", file) is not { } normalizer)
            return new BertTokenizerOptions { CleanText = false, HandleChineseChars = false, StripAccents = false, LowerCase = false };
        if (JsonFields.String(normalizer, "type", file) != "BertNormalizer")
            throw Unsupported(file, "normalizer", normalizer, "BertNormalizer");
        return new BertTokenizerOptions
        {
            CleanText = JsonFields.Boolean(normalizer, "clean_text", file) ?? true,
            HandleChineseChars = JsonFields.Boolean(normalizer, "handle_chinese_chars", file) ?? true,
            StripAccents = JsonFields.Boolean(normalizer, "strip_accents", file),
            LowerCase = JsonFields.Boolean(normalizer, "lowercase", file) ?? true,
        };
    }

    private static string?[] ReadVocabulary(JsonElement model, string file)
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
        if (largest > entries.Count + TokenizerFiles.MaxGap)
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

        return tokens;
    }

    private static List<AddedToken> ReadAddedTokens(JsonElement root, string file)
    {
        var tokens = new List<AddedToken>();
        if (!root.TryGetProperty("added_tokens", out var list) || list.ValueKind == JsonValueKind.Null)
            return tokens;
        if (list.ValueKind != JsonValueKind.Array)
            throw new InvalidModelFileException(file, "added_tokens", "It must be an array.");
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("id", out var id))
                throw new InvalidModelFileException(file, "added_tokens", "Each entry must be an object with an id.");
            tokens.Add(ReadAddedToken(item, JsonFields.Integer(id, "added_tokens.id", file), file));
        }

        return tokens;
    }

    internal static AddedToken ReadAddedToken(JsonElement item, int id, string file)
    {
        var content = JsonFields.String(item, "content", file)
            ?? throw new InvalidModelFileException(file, "added_tokens", "An entry has no content.");
        var special = JsonFields.Boolean(item, "special", file) ?? false;
        return new AddedToken(id, content)
        {
            Special = special,
            Normalized = JsonFields.Boolean(item, "normalized", file) ?? !special,
            SingleWord = JsonFields.Boolean(item, "single_word", file) ?? false,
            LStrip = JsonFields.Boolean(item, "lstrip", file) ?? false,
            RStrip = JsonFields.Boolean(item, "rstrip", file) ?? false,
        };
    }
}
