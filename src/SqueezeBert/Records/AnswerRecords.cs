using System.Text.Json.Nodes;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Records;

/// <summary>
/// Converts results to named JSON values, in the order in which the tool's `--json` and the server write them. Programs read these names,
/// so a name must never change.
/// </summary>
internal static class AnswerRecords
{
    /// <summary>Labels, best first.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="top">The number of labels. Null returns all.</param>
    /// <param name="hasWindows">Whether the number of windows is included.</param>
    public static IEnumerable<(string Name, JsonNode? Value)> Of(Classification answer, int? top, bool hasWindows)
    {
        yield return ("label", answer.Label);
        yield return ("score", Number(answer.Score));
        yield return ("labels", new JsonArray(
            [.. answer.Labels.Take(top ?? int.MaxValue)
                .Select(label => new JsonObject { ["label"] = label.Label, ["score"] = Number(label.Score) })]));
        yield return ("truncated", answer.Read.IsTruncated);
        if (hasWindows) yield return ("windows", answer.Read.WindowCount);
    }

    /// <summary>The best answer, and the others that were kept.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="top">The number of answers. Null returns all that were kept.</param>
    public static IEnumerable<(string Name, JsonNode? Value)> Of(QuestionAnswer answer, int? top)
    {
        yield return ("answer", answer.Best?.Text);
        yield return ("start", answer.Best?.Start);
        yield return ("end", answer.Best?.End);
        yield return ("score", answer.Best is { } best ? Number(best.Probability) : null);
        yield return ("answers", new JsonArray([.. answer.Answers.Take(top ?? int.MaxValue).Select(item => new JsonObject
        {
            ["text"] = item.Text,
            ["start"] = item.Start,
            ["end"] = item.End,
            ["score"] = Number(item.Probability),
            ["logit"] = Number(item.Score),
        })]));
        yield return ("no_answer_score", Number(answer.NoAnswerProbability));
        yield return ("no_answer_margin", Number(answer.NoAnswerMargin));
        yield return ("windows", answer.Read.WindowCount);
        yield return ("truncated", answer.Read.IsTruncated);
        yield return ("question_truncated", answer.IsQuestionTruncated);
    }

    /// <summary>The filled text, and the predicted tokens for each mask.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="hasWindows">Whether the number of windows is included.</param>
    public static IEnumerable<(string Name, JsonNode? Value)> Of(MaskFilling answer, bool hasWindows)
    {
        yield return ("filled", answer.Text);
        yield return ("masks", new JsonArray([.. answer.Masks.Select(mask => new JsonObject
        {
            ["start"] = mask.Start,
            ["end"] = mask.End,
            ["tokens"] = new JsonArray([.. mask.Tokens.Select(token => new JsonObject
            {
                ["token"] = token.Token,
                ["id"] = token.Id,
                ["score"] = Number(token.Score),
            })]),
        })]));
        yield return ("truncated", answer.Read.IsTruncated);
        if (hasWindows) yield return ("windows", answer.Read.WindowCount);
    }

    /// <summary>Entities in the order of the text.</summary>
    public static IEnumerable<(string Name, JsonNode? Value)> Of(TokenClassification answer)
    {
        yield return ("entities", new JsonArray([.. answer.Entities.Select(entity => new JsonObject
        {
            ["label"] = entity.Label,
            ["text"] = entity.Text,
            ["start"] = entity.Start,
            ["end"] = entity.End,
            ["score"] = Number(entity.Score),
        })]));
        yield return ("windows", answer.Read.WindowCount);
        yield return ("truncated", answer.Read.IsTruncated);
    }

    /// <summary>Choices, best first.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="hasWindows">Whether the number of windows is included.</param>
    public static IEnumerable<(string Name, JsonNode? Value)> Of(Choice answer, bool hasWindows)
    {
        yield return ("choice", answer.Best.Text);
        yield return ("index", answer.Best.Index);
        yield return ("score", Number(answer.Best.Score));
        yield return ("choices", new JsonArray([.. answer.Choices.Select(item => new JsonObject
        {
            ["index"] = item.Index,
            ["text"] = item.Text,
            ["score"] = Number(item.Score),
        })]));
        yield return ("truncated", answer.Read.IsTruncated);
        if (hasWindows) yield return ("windows", answer.Read.WindowCount);
    }

    /// <summary>The hidden states, token by token.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="tokenizer">The tokenizer, which spells the tokens.</param>
    /// <param name="hasWindows">Whether the number of windows is included.</param>
    public static IEnumerable<(string Name, JsonNode? Value)> Of(TextFeatures answer, BertTokenizer tokenizer, bool hasWindows)
    {
        yield return ("tokens", new JsonArray([.. Enumerable.Range(0, answer.TokenCount).Select(token => new JsonObject
        {
            ["token"] = tokenizer.Vocabulary[answer.TokenIds.Span[token]],
            ["start"] = answer.Offsets.Span[token].Start,
            ["end"] = answer.Offsets.Span[token].End,
            ["features"] = new JsonArray([.. answer[token].ToArray().Select(Number)]),
        })]));
        yield return ("truncated", answer.Read.IsTruncated);
        if (hasWindows) yield return ("windows", answer.Read.WindowCount);
    }

    /// <summary>Returns null for a value that is not finite, because JSON cannot represent the NaN or infinity of a broken model.</summary>
    public static JsonNode? Number(float value) => float.IsFinite(value) ? JsonValue.Create(value) : null;
}
