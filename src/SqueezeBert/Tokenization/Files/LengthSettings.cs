using System.Text.Json;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Tokenization.Files;

/// <summary>
/// The truncation and padding that a tokenizer.json was saved with. As in transformers, the caller of an encoding decides on both, so only
/// the padding token is used; the rest is checked, for a file that the reference cannot read must not be read here.
/// </summary>
internal static class LengthSettings
{
    internal static BertTokenizerOptions Read(JsonElement root, BertTokenizerOptions options, string file)
    {
        if (JsonFields.Object(root, "truncation", file) is { } truncation)
        {
            Name(truncation, "truncation.strategy", file, "LongestFirst", "OnlyFirst", "OnlySecond");
            if (truncation.TryGetProperty("direction", out _))
                Name(truncation, "truncation.direction", file, "Left", "Right");
            JsonFields.RequiredInteger(truncation, "truncation.max_length", file);
            JsonFields.RequiredInteger(truncation, "truncation.stride", file);
        }

        if (JsonFields.Object(root, "padding", file) is not { } padding)
            return options;
        var strategy = JsonFields.Required(padding, "padding.strategy", file);
        if (strategy.ValueKind == JsonValueKind.Object)
            JsonFields.RequiredInteger(strategy, "padding.strategy.Fixed", file);
        else
            Name(padding, "padding.strategy", file, "BatchLongest");
        Name(padding, "padding.direction", file, "Left", "Right");
        if (padding.TryGetProperty("pad_to_multiple_of", out var multiple) && multiple.ValueKind != JsonValueKind.Null)
            JsonFields.Integer(multiple, "padding.pad_to_multiple_of", file);
        JsonFields.RequiredInteger(padding, "padding.pad_id", file);
        JsonFields.RequiredInteger(padding, "padding.pad_type_id", file);
        return options with { PadToken = JsonFields.RequiredString(padding, "padding.pad_token", file) };
    }

    private static void Name(JsonElement parent, string name, string file, params ReadOnlySpan<string> names)
    {
        if (!names.Contains(JsonFields.RequiredString(parent, name, file)))
            throw new InvalidModelFileException(file, name, $"It must be {string.Join(" or ", names!)}.");
    }
}
