using System.Globalization;
using System.Text.Json.Nodes;
using SqueezeBert.Assistant;
using SqueezeBert.Records;

namespace SqueezeBert.Cli.Assistants;

/// <summary>What an assistant understood, for people and for programs.</summary>
internal static class UnderstandingFormat
{
    /// <summary>A line of the intent, or of why there is none, and one of each slot.</summary>
    public static void WritePlain(TextWriter output, Understanding understanding)
    {
        var nearest = understanding.Alternatives.Take(understanding.Outcome == UnderstandingOutcome.Ambiguous ? 2 : 1)
            .Select(label => string.Create(CultureInfo.InvariantCulture, $"{label.Label}  {label.Score:0.0000}"));
        var answer = understanding.Outcome switch
        {
            UnderstandingOutcome.Ambiguous => $"not understood, did you mean  {string.Join("  or  ", nearest)}",
            UnderstandingOutcome.OutOfScope => $"not understood, out of scope  nearest  {string.Concat(nearest)}",
            _ => string.Concat(nearest),
        };
        output.Write(string.Create(CultureInfo.InvariantCulture,
            $"{answer}  margin {understanding.Margin:0.0000}  in scope {understanding.InScope:0.0000}\n"));
        if (understanding.Outcome == UnderstandingOutcome.OutOfScope) return;
        foreach (var slot in understanding.Slots)
        {
            var value = slot.Value is null ? "not understood" : $"{slot.Value.Text} ({slot.Value.Kind.ToString().ToLowerInvariant()})";
            output.Write(string.Create(CultureInfo.InvariantCulture,
                $"  {slot.Slot}  {slot.Confidence:0.0000}  {slot.Start}-{slot.End}  {slot.Text}  {value}\n"));
        }
    }

    /// <summary>An object.</summary>
    public static JsonObject Json(Understanding understanding) => new()
    {
        ["text"] = understanding.Text,
        ["outcome"] = NameOf(understanding.Outcome.ToString()),
        ["intent"] = understanding.Intent,
        ["confidence"] = AnswerRecords.Number(understanding.Confidence),
        ["margin"] = AnswerRecords.Number(understanding.Margin),
        ["in_scope"] = AnswerRecords.Number((float)understanding.InScope),
        ["alternatives"] = new JsonArray([.. understanding.Alternatives.Select(label => new JsonObject
        {
            ["intent"] = label.Label,
            ["confidence"] = AnswerRecords.Number(label.Score),
        })]),
        ["slots"] = new JsonArray([.. understanding.Slots.Select(slot => new JsonObject
        {
            ["slot"] = slot.Slot,
            ["text"] = slot.Text,
            ["start"] = slot.Start,
            ["end"] = slot.End,
            ["confidence"] = AnswerRecords.Number(slot.Confidence),
            ["margin"] = AnswerRecords.Number(slot.Margin),
            ["source"] = NameOf(slot.Source.ToString()),
            ["value"] = Json(slot.Value),
        })]),
    };

    /// <summary>A value; null where there is none.</summary>
    public static JsonObject? Json(SlotValue? value)
    {
        if (value is null) return null;
        var json = new JsonObject { ["kind"] = NameOf(value.Kind.ToString()), ["text"] = value.Text };
        if (value.Number is { } number) json["number"] = number;
        if (value.Unit is { } unit) json["unit"] = unit;
        return json;
    }

    /// <summary>"out_of_scope" of "OutOfScope".</summary>
    public static string NameOf(string name) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
