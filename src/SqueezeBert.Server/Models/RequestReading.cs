using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Models;

/// <summary>Determines how much of its texts a request wants to be read.</summary>
internal static class RequestReading
{
    /// <summary>Reads the fields `max_length`, `max_characters` and `long_text`.</summary>
    /// <returns>The options, or null if the request has none of the fields.</returns>
    public static ReadingOptions? Of(Fields fields)
    {
        var reading = new ReadingOptions
        {
            MaxLength = fields.Integer("max_length", 1),
            MaxCharacters = fields.Integer("max_characters", 1),
            LongText = fields.Name<LongText>("long_text"),
        };
        return reading == new ReadingOptions() ? null : reading;
    }

    /// <summary>
    /// Reads `truncate` and `truncation_direction` of text-embeddings-inference. Only the end of a text can be cut off. A text whose
    /// beginning should be cut off is therefore read only if it fits.
    /// </summary>
    public static ReadingOptions? OfTruncate(Fields fields)
    {
        var truncate = fields.Flag("truncate");
        var direction = fields.Text("truncation_direction") ?? "Right";
        if (direction is not ("Right" or "right" or "Left" or "left"))
        {
            var path = fields.Path("truncation_direction");
            throw Fields.Wrong(path, $"{path} must be Right or Left");
        }

        if (direction is "Left" or "left" || truncate == false) return new ReadingOptions { LongText = LongText.Error };
        return truncate == true ? new ReadingOptions { LongText = LongText.Truncate } : null;
    }
}
