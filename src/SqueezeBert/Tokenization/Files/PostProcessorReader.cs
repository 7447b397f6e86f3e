using System.Text.Json;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Tokenization.Files;

/// <summary>Reads which tokens a tokenizer.json puts around texts. They must form BERT's [CLS] A [SEP] and [CLS] A [SEP] B [SEP].</summary>
internal static class PostProcessorReader
{
    internal static BertTokenizerOptions Read(JsonElement root, BertTokenizerOptions options, string file)
    {
        if (JsonFields.Object(root, "post_processor", file) is not { } processor)
            return options with { HasNoTemplate = true };
        return JsonFields.String(processor, "type", file) switch
        {
            "BertProcessing" =>
                options with { ClsToken = FirstOfPair(processor, "cls", file), SepToken = FirstOfPair(processor, "sep", file) },
            "TemplateProcessing" => ReadTemplate(processor, options, file),
            _ => throw TokenizerJsonReader.Unsupported(
                file, "post_processor", processor, "BertProcessing or a TemplateProcessing of BERT's form"),
        };
    }

    private static string FirstOfPair(JsonElement processor, string name, string file) =>
        processor.TryGetProperty(name, out var pair) && pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() == 2
            ? JsonFields.Text(pair[0], "post_processor." + name, file)
            : throw new InvalidModelFileException(file, "post_processor." + name, "It must be a token and its id.");

    private static BertTokenizerOptions ReadTemplate(JsonElement processor, BertTokenizerOptions options, string file)
    {
        var single = ReadPieces(processor, "single", file);
        var pair = ReadPieces(processor, "pair", file);
        var cls = single.Count == 3 ? single[0].Id : "";
        var sep = single.Count == 3 ? single[2].Id : "";
        (string, string, int) start = ("SpecialToken", cls, 0), first = ("Sequence", "A", 0), middle = ("SpecialToken", sep, 0);
        if (!single.SequenceEqual([start, first, middle])
            || !pair.SequenceEqual([start, first, middle, ("Sequence", "B", 1), ("SpecialToken", sep, 1)]))
        {
            throw new InvalidModelFileException(
                file, "post_processor",
                "Only BERT's template is supported: [CLS] A [SEP], and [CLS] A [SEP] B [SEP] with token types 0 and 1.");
        }

        return options with { ClsToken = cls, SepToken = sep };
    }

    private static List<(string Kind, string Id, int Type)> ReadPieces(JsonElement processor, string name, string file)
    {
        if (!processor.TryGetProperty(name, out var list) || list.ValueKind != JsonValueKind.Array)
            throw new InvalidModelFileException(file, "post_processor." + name, "It must be an array.");
        var pieces = new List<(string, string, int)>();
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
                throw new InvalidModelFileException(file, "post_processor." + name, "Its entries must be objects.");
            foreach (var property in item.EnumerateObject())
            {
                if (property.Value.ValueKind != JsonValueKind.Object)
                    throw new InvalidModelFileException(file, "post_processor." + name, "Its entries must hold an id and a type_id.");
                var id = JsonFields.String(property.Value, "id", file) ?? "";
                var type = property.Value.TryGetProperty("type_id", out var value) ? JsonFields.Integer(value, "type_id", file) : 0;
                pieces.Add((property.Name, id, type));
            }
        }

        return pieces;
    }
}
