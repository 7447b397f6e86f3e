using System.Globalization;
using System.Text.Json.Nodes;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Records;

namespace SqueezeBert.Cli.Texts;

/// <summary>Labels with their scores, of `classify`, `zero-shot` and `pair`.</summary>
/// <param name="labels">All labels that there are.</param>
/// <param name="top">How many to show, best first; null: all of them in an object, one in a table.</param>
/// <param name="plainTop">How many where <paramref name="top"/> is null, for people.</param>
/// <param name="hasWindows">Whether an object tells the number of windows.</param>
/// <param name="namesInput">Whether an object has the text.</param>
internal sealed class LabelFormat(IReadOnlyList<string> labels, int? top, int plainTop, bool hasWindows, bool namesInput = true)
    : AnswerFormat<Classification>
{
    private readonly int _width = labels.Max(label => label.Length);

    public override IReadOnlyList<string> Names { get; } = hasWindows ? ["label", "score", "labels", "truncated", "windows"]
        : ["label", "score", "labels", "truncated"];

    public override IReadOnlyList<string> Columns { get; } =
    [
        .. Enumerable.Range(1, Math.Min(top ?? 1, labels.Count))
            .Select(i => i == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"_{i}"))
            .SelectMany(suffix => (string[])["label" + suffix, "score" + suffix]),
        "truncated",
    ];

    public override bool IsTruncated(Classification answer) => answer.Read.IsTruncated;

    public override void WritePlain(TextWriter output, InputText input, Classification answer)
    {
        foreach (var (label, score) in answer.Labels.Take(top ?? plainTop)) output.Write($"{label.PadRight(_width)}  {Plain(score)}  ");
        output.Write(Mark(answer.Read.IsTruncated));
        output.WriteLine(input.Pair is null ? Excerpt.Of(input.Text) : $"{Excerpt.Of(input.Text, 34)} | {Excerpt.Of(input.Pair, 34)}");
    }

    public override IEnumerable<(string Name, JsonNode? Value)> Input(InputText input) => namesInput ? base.Input(input) : [];

    public override IEnumerable<JsonNode?> Values(Classification answer) =>
        AnswerRecords.Of(answer, top, hasWindows).Select(value => value.Value);

    public override IEnumerable<string> Fields(Classification answer) =>
        answer.Labels.Take(Columns.Count / 2)
            .SelectMany(label => (string[])[label.Label, label.Score.ToString("R", CultureInfo.InvariantCulture)])
            .Append(answer.Read.IsTruncated ? "true" : "false");
}
