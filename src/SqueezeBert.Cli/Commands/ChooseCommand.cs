using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Input;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Cli.Texts;
using SqueezeBert.Evaluation;
using SqueezeBert.Evaluation.Data;
using SqueezeBert.Records;

namespace SqueezeBert.Cli.Commands;

/// <summary>Chooses what goes best with a prompt.</summary>
internal sealed class ChooseCommand : TextsCommand
{
    private readonly Option<string[]> _choices = new("--choice")
    {
        HelpName = "COLUMN",
        Description = "With --text: a column of choices; given several times. One alone holds a JSON array of them.",
    };

    public ChooseCommand()
        : base(
            "choose",
            "Chooses the text that goes best with a prompt.",
            new TextsHelp
            {
                Model = "for multiple choice",
                Texts = "The prompt, and the choices unless --file has them.",
                File = "the choices, one per line",
                Column = "prompts",
            }) => AddOptions(_choices);

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert choose --model my-swag-model \"She opened the oven and\" \"took out the bread.\" \"flew away.\"",
        "squeezebert choose --model my-swag-model --file endings.txt --json \"She opened the oven and\"",
        "squeezebert choose --model my-swag-model --file swag.csv --text startphrase --choice ending0 --choice ending1 > chosen.csv",
    ];

    protected override bool HasHead => false;

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        CheckTable(arguments);
        var (texts, isTable) = (Texts(arguments), Column(arguments) is not null);
        var columns = arguments.GetValue(_choices) ?? [];
        if (isTable != columns.Length > 0)
            throw new UsageException("--text and --choice name the columns of a table: the prompts and their choices");
        if (isTable && texts.Count > 0)
            throw new UsageException("with --text, the prompts are in the table: give none on the command line");
        if (!isTable) CheckChoices(texts, FileName(arguments) is not null);
        var model = ModelPath(arguments, console, cancellationToken);
        using var selector = ChoiceSelector.Load(
            model, new ChoiceSelectorOptions { Reading = Reading(arguments) }, Computing(arguments));
        return Answer(
            arguments,
            console,
            isTable
                ? OpenTable(arguments, console, cancellationToken, columns,
                    row => Choices(row, columns, InputFile.Name(FileName(arguments)!)))
                : TextSource.Of(
                    [new InputText(texts[0],
                        Choices: FileName(arguments) is null ? [.. texts.Skip(1)] : ReadChoices(arguments, console, cancellationToken))]),
            new Format(IsWindowed(arguments)),
            batch => selector.ChooseStream(batch.Select(input => (input.Text, input.Choices!)), cancellationToken: cancellationToken));
    }

    private static void CheckChoices(IReadOnlyList<string> texts, bool hasFile)
    {
        if (texts.Count == 0) throw new UsageException("give the prompt");
        if (hasFile && texts.Count > 1) throw new UsageException("with --file, give the prompt alone: the choices are the file's lines");
        if (!hasFile && texts.Count == 1) throw new UsageException("give the choices behind the prompt, or --file FILE");
    }

    internal static IReadOnlyList<string> Choices(Row row, string[] columns, string file)
    {
        if (columns.Length > 1) return [.. columns.Select(column => row[column])];
        try
        {
            using var json = JsonDocument.Parse(row[columns[0]]);
            if (json.RootElement is { ValueKind: JsonValueKind.Array } array && array.GetArrayLength() > 0
                && array.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
                return [.. array.EnumerateArray().Select(JsonText.Of)];
        }
        catch (JsonException)
        {
            // Told below, with the place.
        }

        throw new DataFormatException(file, row.Line,
            $"column '{columns[0]}' has no JSON array of texts; several columns of choices are each named with --choice");
    }

    private IReadOnlyList<string> ReadChoices(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        using var source = Open(arguments, console, cancellationToken);
        List<string> choices = [.. source.Batches.SelectMany(batch => batch).Select(input => input.Text)];
        return choices.Count > 0 ? choices
            : throw new DataFormatException(InputFile.Name(FileName(arguments)!), null, "has no choices; one per line is needed");
    }

    private sealed class Format(bool hasWindows) : AnswerFormat<Choice>
    {
        public override IReadOnlyList<string> Names { get; } = hasWindows ? ["choice", "index", "score", "choices", "truncated", "windows"]
            : ["choice", "index", "score", "choices", "truncated"];

        public override IReadOnlyList<string> Columns { get; } = ["choice", "index", "score", "truncated"];

        public override bool IsTruncated(Choice answer) => answer.Read.IsTruncated;

        public override void WritePlain(TextWriter output, InputText input, Choice answer)
        {
            foreach (var item in answer.Choices)
                output.WriteLine($"{Plain(item.Score)}  {Mark(answer.Read.IsTruncated)}{Excerpt.Of(item.Text)}");
        }

        public override IEnumerable<(string Name, JsonNode? Value)> Input(InputText input) => [("prompt", input.Text)];

        public override IEnumerable<JsonNode?> Values(Choice answer) =>
            AnswerRecords.Of(answer, hasWindows).Select(value => value.Value);
    }
}
