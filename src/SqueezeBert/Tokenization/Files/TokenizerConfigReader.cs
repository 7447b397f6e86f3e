using System.Text.Json;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Tokenization.Files;

/// <summary>Reads tokenizer_config.json and special_tokens_map.json, which have the same fields for special tokens.</summary>
internal static class TokenizerConfigReader
{
    private const string TokenSuffix = "_token";

    internal static TokenizerConfig Parse(byte[] bytes, string file) => JsonFields.Parse(bytes, file, root => Read(root, file));

    private static TokenizerConfig Read(JsonElement root, string file)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new InvalidModelFileException(file, null, "It must hold a JSON object.");
        TokenizerClasses.CheckFields(root, file);
        return new TokenizerConfig
        {
            TokenizerClass = JsonFields.String(root, "tokenizer_class", file),
            LowerCase = JsonFields.Flag(root, "do_lower_case", file),
            SaysStripAccents = root.TryGetProperty("strip_accents", out _),
            StripAccents = JsonFields.Boolean(root, "strip_accents", file),
            HandleChineseChars = JsonFields.Flag(root, "tokenize_chinese_chars", file),
            ModelMaxLength = JsonFields.Length(root, root.TryGetProperty("model_max_length", out _) ? "model_max_length" : "max_len", file),
            Named = Named(root, file),
            Extra =
            [
                .. AddedTokenReader.Special(root, "additional_special_tokens", file),
                .. AddedTokenReader.Special(root, "extra_special_tokens", file),
            ],
            Decoder = AddedTokenReader.FromDecoder(root, file),
        };
    }

    /// <summary>
    /// Every field that ends in "_token" names a special token, those of the reference's classes and others. Of the others only a text
    /// does; an object or null may mean anything.
    /// </summary>
    private static Dictionary<string, AddedToken?> Named(JsonElement root, string file)
    {
        var named = new Dictionary<string, AddedToken?>(StringComparer.Ordinal);
        foreach (var property in root.EnumerateObject())
        {
            var isKnown = property.Name is "bos_token" or "eos_token" or "unk_token" or "sep_token" or "pad_token" or "cls_token"
                or "mask_token";
            if (isKnown)
            {
                named[property.Name] = property.Value.ValueKind == JsonValueKind.Null ? null
                    : AddedTokenReader.Named(property.Value, property.Name, file);
            }
            else if (property.Value.ValueKind == JsonValueKind.String && property.Name.EndsWith(TokenSuffix, StringComparison.Ordinal))
            {
                named[property.Name] = AddedTokenReader.Named(property.Value, property.Name, file);
            }
        }

        return named;
    }
}
