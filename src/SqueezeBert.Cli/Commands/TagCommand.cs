using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Cli.Texts;
using SqueezeBert.Records;

namespace SqueezeBert.Cli.Commands;

/// <summary>Names, places, parts of speech in texts.</summary>
internal sealed class TagCommand : TextsCommand
{
    private readonly Option<EntityAggregation?> _aggregation = SharedOptions.OneOf<EntityAggregation>(
        "--aggregation",
        "How tokens become entities: each alone (none), neighbours (simple), whole words by their first, mean or surest piece. Without " +
            "it: simple.");

    private readonly Option<string[]> _ignore = new("--ignore")
    {
        HelpName = "LABEL",
        Description = "Leave this label out; may be given several times. Default O."
    };

    private readonly Option<bool> _forbidImpossible = SharedOptions.Flag(
        "--forbid-impossible-tags", "Choose the tags of a text together, so that no I- stands without its B-.");

    public TagCommand()
        : base("tag", "Finds the entities of texts: kind, score, place and words of each.",
            new TextsHelp { Model = "for token classification", Texts = "Texts to read." })
    {
        AddOptions(_aggregation, _ignore, _forbidImpossible);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert tag --model my-ner-model \"Ada Lovelace lived in London.\"",
        "squeezebert tag --model my-ner-model --aggregation average --windows --file pages.txt --json",
        "squeezebert tag --model my-ner-model --file articles.jsonl --text body > tagged.jsonl",
        "squeezebert tag --model my-pos-model --aggregation first --ignore PUNCT \"It rains.\"",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        CheckTexts(arguments);
        var defaults = new TokenClassifierOptions();
        using var classifier = TokenClassifier.Load(ModelPath(arguments, console, cancellationToken), new TokenClassifierOptions
        {
            Reading = Reading(arguments),
            Head = Head(arguments),
            Aggregation = arguments.GetValue(_aggregation) ?? defaults.Aggregation,
            IgnoredLabels = arguments.GetValue(_ignore) is { Length: > 0 } ignored ? ignored : defaults.IgnoredLabels,
            ForbidImpossibleTags = arguments.GetValue(_forbidImpossible),
        }, Computing(arguments));
        return Answer(
            arguments,
            console,
            Open(arguments, console, cancellationToken),
            new Format(),
            batch => classifier.ClassifyStream(batch.Select(input => input.Text), cancellationToken: cancellationToken));
    }

    private sealed class Format : AnswerFormat<TokenClassification>
    {
        public override IReadOnlyList<string> Names { get; } = ["entities", "windows", "truncated"];

        public override bool IsTruncated(TokenClassification answer) => answer.Read.IsTruncated;

        public override void WritePlain(TextWriter output, InputText input, TokenClassification answer)
        {
            output.WriteLine(Mark(answer.Read.IsTruncated) + Excerpt.Of(input.Text));
            foreach (var entity in answer.Entities)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {entity.Label}  {Plain(entity.Score)}  {entity.Start}-{entity.End}  {Excerpt.Of(entity.Text, int.MaxValue)}"));
            }
        }

        public override IEnumerable<JsonNode?> Values(TokenClassification answer) =>
            AnswerRecords.Of(answer).Select(value => value.Value);
    }
}
