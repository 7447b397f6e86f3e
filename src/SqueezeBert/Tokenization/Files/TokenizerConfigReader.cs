using System.Globalization;
using System.Text.Json;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Tokenization.Files;

/// <summary>
/// Reads tokenizer_config.json and special_tokens_map.json over the options found so far; fields that they do not have stay.
/// </summary>
internal static class TokenizerConfigReader
{
    internal static BertTokenizerOptions Parse(byte[] bytes, string file, BertTokenizerOptions options) =>
        JsonFields.Parse(bytes, file, root => Read(root, file, options));

    private static BertTokenizerOptions Read(JsonElement root, string file, BertTokenizerOptions options)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new InvalidModelFileException(file, null, "It must hold a JSON object.");
        options = options with
        {
            LowerCase = JsonFields.Boolean(root, "do_lower_case", file) ?? options.LowerCase,
            StripAccents = root.TryGetProperty("strip_accents", out _) ? JsonFields.Boolean(root, "strip_accents", file)
                : options.StripAccents,
            HandleChineseChars = JsonFields.Boolean(root, "tokenize_chinese_chars", file) ?? options.HandleChineseChars,
            ModelMaxLength = JsonFields.Length(root, "model_max_length", file) ?? options.ModelMaxLength,
            UnknownToken = Token(root, "unk_token", file) ?? options.UnknownToken,
            ClsToken = Token(root, "cls_token", file) ?? options.ClsToken,
            SepToken = Token(root, "sep_token", file) ?? options.SepToken,
            PadToken = Token(root, "pad_token", file) ?? options.PadToken,
            MaskToken = Token(root, "mask_token", file) ?? options.MaskToken,
        };
        return JsonFields.Object(root, "added_tokens_decoder", file) is { } decoder
            ? options with { AddedTokens = Merge(options.AddedTokens, decoder, file) }
            : options;
    }

    private static string? Token(JsonElement root, string name, string file)
    {
        if (!root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.Object
            ? JsonFields.String(value, "content", file)
            : JsonFields.Text(value, name, file);
    }

    private static List<AddedToken> Merge(IReadOnlyList<AddedToken> known, JsonElement decoder, string file)
    {
        var tokens = known.ToDictionary(t => t.Content, StringComparer.Ordinal);
        foreach (var property in decoder.EnumerateObject())
        {
            if (!int.TryParse(property.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                || property.Value.ValueKind != JsonValueKind.Object)
                throw new InvalidModelFileException(file, "added_tokens_decoder", "It must map ids to objects.");
            var token = TokenizerJsonReader.ReadAddedToken(property.Value, id, file);
            tokens[token.Content] = token;
        }

        return [.. tokens.Values];
    }
}
