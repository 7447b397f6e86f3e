using System.Globalization;
using System.Text.Json;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Tokenization.Files;

/// <summary>Reads added tokens in each of the forms that files have them in.</summary>
internal static class AddedTokenReader
{
    private const string List = "added_tokens", Decoder = "added_tokens_decoder";

    /// <summary>The list of a tokenizer.json, whose entries have every property, with the ids that the reference gives them.</summary>
    internal static AddedTokenList FromTokenizer(JsonElement root, Vocabulary vocabulary, string file)
    {
        var tokens = new AddedTokenList(vocabulary);
        if (!root.TryGetProperty(List, out var list))
            return tokens;
        if (list.ValueKind != JsonValueKind.Array)
            throw new InvalidModelFileException(file, List, "It must be an array.");
        var lastNew = -1;
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("id", out var named))
                throw new InvalidModelFileException(file, List, "Each entry must be an object with an id.");
            var id = JsonFields.Integer(named, "added_tokens.id", file);
            if (!item.TryGetProperty("content", out _))
                throw new InvalidModelFileException(file, List, "An entry has no content.");
            var content = JsonFields.RequiredString(item, "added_tokens.content", file);
            if (!tokens.Knows(content))
            {
                // One version of the reference goes by the file's order, another by the ids.
                if (id <= lastNew)
                    throw new InvalidModelFileException(file, List, $"The id of {content} is not above that of the token before it.");
                lastNew = id;
            }

            tokens.Add(new AddedToken(id, content)
            {
                Special = JsonFields.RequiredBoolean(item, "added_tokens.special", file),
                Normalized = JsonFields.RequiredBoolean(item, "added_tokens.normalized", file),
                SingleWord = JsonFields.RequiredBoolean(item, "added_tokens.single_word", file),
                LStrip = JsonFields.RequiredBoolean(item, "added_tokens.lstrip", file),
                RStrip = JsonFields.RequiredBoolean(item, "added_tokens.rstrip", file),
            }, file);
        }

        return tokens;
    }

    /// <summary>The decoder of a tokenizer_config.json, by ids; null where it has none.</summary>
    internal static IReadOnlyList<AddedToken>? FromDecoder(JsonElement root, string file)
    {
        if (!root.TryGetProperty(Decoder, out var decoder))
            return null;
        var tokens = new List<AddedToken>();
        foreach (var property in decoder.ValueKind == JsonValueKind.Object ? decoder.EnumerateObject() : throw Error())
        {
            if (!int.TryParse(property.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                || property.Value.ValueKind != JsonValueKind.Object)
                throw Error();
            tokens.Add(Token(property.Value, id, isSpecial: false, Decoder, file));
        }

        return [.. tokens.OrderBy(token => token.Id)];

        InvalidModelFileException Error() => new(file, Decoder, "It must map ids to objects.");
    }

    /// <summary>The tokens of an added_tokens.json, which maps contents to ids, by ids; those of the given names are special.</summary>
    internal static IReadOnlyList<AddedToken> FromIds(JsonElement root, IReadOnlySet<string> special, string file)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new InvalidModelFileException(file, null, "It must map tokens to ids.");
        var tokens = new List<AddedToken>();
        foreach (var property in root.EnumerateObject())
        {
            var isSpecial = special.Contains(property.Name);
            tokens.Add(new AddedToken(JsonFields.Integer(property.Value, property.Name, file), property.Name)
            {
                Special = isSpecial,
                Normalized = !isSpecial,
            });
        }

        return [.. tokens.OrderBy(token => token.Id)];
    }

    /// <summary>A list of special tokens, or an object that gives each a name; empty where there is none.</summary>
    internal static IReadOnlyList<AddedToken> Special(JsonElement root, string name, string file)
    {
        if (!root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return [];
        return value.ValueKind switch
        {
            JsonValueKind.Array => [.. value.EnumerateArray().Select(item => Named(item, name, file))],
            JsonValueKind.Object => [.. value.EnumerateObject().Select(item => Named(item.Value, name, file))],
            _ => throw new InvalidModelFileException(file, name, "It must be a list of tokens."),
        };
    }

    /// <summary>A special token: its text, or an object with its properties. Its id is not known.</summary>
    internal static AddedToken Named(JsonElement value, string name, string file) => value.ValueKind switch
    {
        JsonValueKind.String => new AddedToken(0, JsonFields.Text(value, name, file)) { Special = true },
        JsonValueKind.Object => Token(value, 0, isSpecial: true, name, file),
        _ => throw new InvalidModelFileException(file, name, "It must be a string or an object with a token's properties."),
    };

    private static AddedToken Token(JsonElement item, int id, bool isSpecial, string field, string file)
    {
        if (!item.TryGetProperty("content", out _))
            throw new InvalidModelFileException(file, field, "An entry has no content.");
        var special = isSpecial || (JsonFields.Flag(item, "special", file) ?? false);
        return new AddedToken(id, JsonFields.RequiredString(item, field + ".content", file))
        {
            Special = special,
            Normalized = JsonFields.Boolean(item, "normalized", file) ?? !special,
            SingleWord = JsonFields.Flag(item, "single_word", file) ?? false,
            LStrip = JsonFields.Flag(item, "lstrip", file) ?? false,
            RStrip = JsonFields.Flag(item, "rstrip", file) ?? false,
        };
    }
}
