using System.CommandLine;
using System.Text.Json.Nodes;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Cli.Texts;
using SqueezeBert.Records;

namespace SqueezeBert.Cli.Commands;

/// <summary>What may stand where a text has [MASK].</summary>
internal sealed class FillCommand : TextsCommand
{
    private readonly Option<int?> _top = SharedOptions.Number("--top", "How many tokens to show for a mask, best first; default 5.", 1);
    private readonly Option<string[]> _targets = new("--target")
    {
        HelpName = "WORD",
        Description = "Score this word only; may be given several times. A word is one token of the vocabulary."
    };

    public FillCommand()
        : base(
            "fill",
            "Predicts the tokens that may stand in the place of [MASK].",
            new TextsHelp { Model = "for masked language modelling", Texts = "Texts with [MASK] in them, once or more often." })
    {
        AddOptions(_top, _targets);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert fill --model squeezebert-uncased \"The capital of France is [MASK].\"",
        "squeezebert fill --model squeezebert-uncased --target good --target bad \"The film was [MASK].\"",
        "squeezebert fill --model squeezebert-uncased --file gaps.txt --top 1 --json",
        "squeezebert fill --model squeezebert-uncased --file gaps.csv --text sentence > filled.csv",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        CheckTexts(arguments);
        var targets = arguments.GetValue(_targets) is { Length: > 0 } given ? given : null;
        if (targets is not null && arguments.GetValue(_top) is not null)
            throw new UsageException("--top chooses among all words, --target names them: give one of the two");
        using var filler = MaskFiller.Load(ModelPath(arguments, console, cancellationToken), new MaskFillerOptions
        {
            Reading = Reading(arguments),
            Head = Head(arguments),
            Top = arguments.GetValue(_top) ?? new MaskFillerOptions().Top,
        }, Computing(arguments));
        return Answer(
            arguments,
            console,
            Open(arguments, console, cancellationToken),
            new Format(filler.MaskToken, IsWindowed(arguments)),
            batch => filler.FillStream(batch.Select(input => input.Text), targets, cancellationToken: cancellationToken));
    }

    private sealed class Format(string maskToken, bool hasWindows) : AnswerFormat<MaskFilling>
    {
        public override IReadOnlyList<string> Names { get; } = hasWindows ? ["filled", "masks", "truncated", "windows"]
            : ["filled", "masks", "truncated"];

        public override bool IsTruncated(MaskFilling answer) => answer.Read.IsTruncated;

        public override void WritePlain(TextWriter output, InputText input, MaskFilling answer)
        {
            output.WriteLine(
                $"{Mark(answer.Read.IsTruncated)}{(answer.Masks.Count == 0 ? $"(no {maskToken}) " : "")}{Excerpt.Of(answer.Text)}");
            foreach (var mask in answer.Masks)
                output.WriteLine("  " + string.Join("  ", mask.Tokens.Select(token => $"{token.Token} {Plain(token.Score)}")));
        }

        public override IEnumerable<JsonNode?> Values(MaskFilling answer) =>
            AnswerRecords.Of(answer, hasWindows).Select(value => value.Value);
    }
}
