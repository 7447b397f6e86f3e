using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace SqueezeBert.Cli.Commands;

/// <summary>Names, places, parts of speech in texts.</summary>
internal sealed class TagCommand : TextsCommand
{
    private readonly Option<EntityAggregation?> _aggregation = SharedOptions.OneOf<EntityAggregation>(
        "--aggregation", "How tokens become entities: each alone (none), neighbours (simple), whole words by their first, mean or surest piece. Default simple.");

    private readonly Option<string[]> _ignore = new("--ignore") { HelpName = "LABEL", Description = "Leave this label out; may be given several times. Default O." };
    private readonly Option<bool> _windows = SharedOptions.Windows();

    public TagCommand()
        : base("tag", "Finds the entities of texts: kind, score, place and words of each.", "for token classification", "TEXT", "Texts to read.")
    {
        foreach (var option in (Option[])[_aggregation, _ignore, _windows]) Add(option);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert tag --model my-ner-model \"Ada Lovelace lived in London.\"",
        "squeezebert tag --model my-ner-model --aggregation average --windows --file pages.txt --json",
        "squeezebert tag --model my-pos-model --aggregation first --ignore PUNCT \"It rains.\"",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        CheckTexts(arguments);
        var defaults = new TokenClassifierOptions();
        using var classifier = TokenClassifier.Load(ModelPath(arguments, console, cancellationToken), new TokenClassifierOptions
        {
            MaxLength = MaxLength(arguments),
            Inference = Inference(arguments),
            Aggregation = arguments.GetValue(_aggregation) ?? defaults.Aggregation,
            IgnoredLabels = arguments.GetValue(_ignore) is { Length: > 0 } ignored ? ignored : defaults.IgnoredLabels,
            LongText = arguments.GetValue(_windows) ? LongText.Windows : LongText.Truncate,
        });
        foreach (var batch in Batches(arguments, console, cancellationToken))
        {
            foreach (var (text, found) in batch.Zip(classifier.ClassifyStream(batch, cancellationToken)))
            {
                if (IsJson(arguments)) console.WriteJson(Json(text, found));
                else Write(console.Output, text, found);
            }

            console.Output.Flush();
        }

        return Tool.Success;
    }

    private static void Write(TextWriter output, string text, TokenClassification found)
    {
        output.WriteLine(Mark(found.IsTruncated) + Excerpt.Of(text));
        foreach (var entity in found.Entities)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"  {entity.Label}  {Plain(entity.Score)}  {entity.Start}-{entity.End}  {Excerpt.Of(entity.Text, int.MaxValue)}"));
        }
    }

    private static JsonObject Json(string text, TokenClassification found) => new()
    {
        ["text"] = text,
        ["entities"] = new JsonArray([.. found.Entities.Select(entity => new JsonObject
        {
            ["label"] = entity.Label,
            ["text"] = entity.Text,
            ["start"] = entity.Start,
            ["end"] = entity.End,
            ["score"] = Number(entity.Score),
        })]),
        ["windows"] = found.WindowCount,
        ["truncated"] = found.IsTruncated,
    };
}
