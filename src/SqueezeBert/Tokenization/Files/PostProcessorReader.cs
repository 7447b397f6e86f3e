using System.Text.Json;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Tokenization.Files;

/// <summary>Reads which tokens a tokenizer.json puts around texts. They must form BERT's [CLS] A [SEP] and [CLS] A [SEP] B [SEP].</summary>
internal static class PostProcessorReader
{
    private const string Field = "post_processor";

    /// <param name="root">The file's object.</param>
    /// <param name="options">What was read so far.</param>
    /// <param name="tokens">The added tokens, which know the vocabulary's ids too.</param>
    /// <param name="file">The name of the file in messages.</param>
    internal static BertTokenizerOptions Read(JsonElement root, BertTokenizerOptions options, AddedTokenList tokens, string file)
    {
        // Whether that can be depends on the vocabulary.
        if (JsonFields.Object(root, Field, file) is not { } processor) return options with { HasNoTemplate = true };

        var (cls, sep) = JsonFields.String(processor, "type", file) switch
        {
            "BertProcessing" => (Pair(processor, "post_processor.cls", tokens, file), Pair(processor, "post_processor.sep", tokens, file)),
            "TemplateProcessing" => ReadTemplate(processor, tokens, file),
            _ => throw JsonFields.Unsupported(file, Field, processor, "BertProcessing or a TemplateProcessing of BERT's form"),
        };
        return options with { ClsToken = cls, SepToken = sep };
    }

    private static string Pair(JsonElement processor, string name, AddedTokenList tokens, string file)
    {
        var pair = JsonFields.Required(processor, name, file);
        if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2)
            throw new InvalidModelFileException(file, name, "It must be a token and its id.");
        var token = JsonFields.Text(pair[0], name, file);
        CheckId(token, JsonFields.Integer(pair[1], name, file), tokens, name, file);
        return token;
    }

    private static (string Cls, string Sep) ReadTemplate(JsonElement processor, AddedTokenList tokens, string file)
    {
        var single = ReadPieces(processor, "post_processor.single", file);
        var pair = ReadPieces(processor, "post_processor.pair", file);
        var cls = single.Count == 3 ? single[0].Id : "";
        var sep = single.Count == 3 ? single[2].Id : "";
        (string, string, int) start = ("SpecialToken", cls, 0), first = ("Sequence", "A", 0), middle = ("SpecialToken", sep, 0);
        if (!single.SequenceEqual([start, first, middle])
            || !pair.SequenceEqual([start, first, middle, ("Sequence", "B", 1), ("SpecialToken", sep, 1)]))
        {
            throw new InvalidModelFileException(file, Field,
                "Only BERT's template is supported: [CLS] A [SEP], and [CLS] A [SEP] B [SEP] with token types 0 and 1.");
        }

        var special = JsonFields.Required(processor, "post_processor.special_tokens", file);
        if (special.ValueKind != JsonValueKind.Object)
            throw new InvalidModelFileException(file, "post_processor.special_tokens", "It must be an object.");
        CheckSpecialToken(special, cls, tokens, file);
        CheckSpecialToken(special, sep, tokens, file);
        return (cls, sep);
    }

    private static List<(string Kind, string Id, int Type)> ReadPieces(JsonElement processor, string name, string file)
    {
        var list = JsonFields.Required(processor, name, file);
        if (list.ValueKind != JsonValueKind.Array)
            throw new InvalidModelFileException(file, name, "It must be an array.");
        var pieces = new List<(string, string, int)>();
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || item.EnumerateObject().Count() != 1)
                throw new InvalidModelFileException(file, name, "Its entries must be objects with one field.");
            var piece = item.EnumerateObject().First();
            if (piece.Value.ValueKind != JsonValueKind.Object)
                throw new InvalidModelFileException(file, name, "Its entries must hold an id and a type_id.");
            pieces.Add((piece.Name, JsonFields.RequiredString(piece.Value, name + ".id", file),
                JsonFields.RequiredInteger(piece.Value, name + ".type_id", file)));
        }

        return pieces;
    }

    /// <summary>A name of the template may stand for other tokens, or several: then this library's sequence would be another.</summary>
    private static void CheckSpecialToken(JsonElement special, string token, AddedTokenList tokens, string file)
    {
        var name = "post_processor.special_tokens." + token;
        if (!special.TryGetProperty(token, out var entry) || entry.ValueKind != JsonValueKind.Object)
            throw new InvalidModelFileException(file, name, "It is missing, or is no object.");
        var ids = One(entry, "ids");
        CheckId(token, JsonFields.Integer(ids, name, file), tokens, name, file);
        if (JsonFields.Text(One(entry, "tokens"), name, file) != token
            || JsonFields.Text(JsonFields.Required(entry, "id", file), name, file) != token)
            throw new InvalidModelFileException(file, name, $"It names other tokens than {token}; only {token} itself is supported.");

        JsonElement One(JsonElement parent, string field) =>
            parent.TryGetProperty(field, out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() == 1
                ? list[0]
                : throw new InvalidModelFileException(file, name, $"Its \"{field}\" must be a list of one.");
    }

    private static void CheckId(string token, int id, AddedTokenList tokens, string name, string file)
    {
        if (!tokens.TryGetId(token, out var own))
            throw new InvalidModelFileException(file, name, $"The vocabulary lacks {token}.");
        if (id != own)
        {
            throw new InvalidModelFileException(
                file, name, FormattableString.Invariant($"Its id is {id}, but the vocabulary's for {token} is {own}."));
        }
    }
}
