using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Models;

/// <summary>How much of its texts a request wants to have read.</summary>
internal static class RequestReading
{
    /// <summary>The fields `max_length`, `max_characters` and `long_text`.</summary>
    /// <returns>Null where none is there.</returns>
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
    /// What text-embeddings-inference calls `truncate` and `truncation_direction`. Only the end of a text is ever cut off, so one whose
    /// beginning shall be cut off is read if it needs no cutting.
    /// </summary>
    public static ReadingOptions? OfTruncate(Fields fields)
    {
        var truncate = fields.Flag("truncate");
        var direction = fields.Text("truncation_direction") ?? "Right";
        if (direction is not ("Right" or "right" or "Left" or "left"))
            throw Fields.Wrong("truncation_direction", "truncation_direction must be Right or Left");
        if (direction is "Left" or "left" || truncate == false) return new ReadingOptions { LongText = LongText.Error };
        return truncate == true ? new ReadingOptions { LongText = LongText.Truncate } : null;
    }
}
