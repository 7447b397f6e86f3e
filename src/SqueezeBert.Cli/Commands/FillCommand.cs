using System.CommandLine;
using System.Text.Json.Nodes;

namespace SqueezeBert.Cli.Commands;

/// <summary>What may stand where a text has [MASK].</summary>
internal sealed class FillCommand : TextsCommand
{
    private readonly Option<int?> _top = SharedOptions.Number("--top", "How many tokens to show for a mask, best first; default 5.", 1);
    private readonly Option<string[]> _targets = new("--target") { HelpName = "WORD", Description = "Score this word only; may be given several times. A word is one token of the vocabulary." };
    private readonly Option<bool> _windows = SharedOptions.Windows();

    public FillCommand()
        : base("fill", "Says what may stand where a text has [MASK].", "for masked language modelling", "TEXT", "Texts with [MASK] in them, once or more often.")
    {
        foreach (var option in (Option[])[_top, _targets, _windows]) Add(option);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert fill --model squeezebert-uncased \"The capital of France is [MASK].\"",
        "squeezebert fill --model squeezebert-uncased --target good --target bad \"The film was [MASK].\"",
        "squeezebert fill --model squeezebert-uncased --file gaps.txt --top 1 --json",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        CheckTexts(arguments);
        string[]? targets = arguments.GetValue(_targets) is { Length: > 0 } given ? given : null;
        if (targets is not null && arguments.GetValue(_top) is not null) throw new UsageException("--top chooses among all words, --target names them: give one of the two");
        using var filler = MaskFiller.Load(ModelPath(arguments, console, cancellationToken), new MaskFillerOptions
        {
            MaxLength = MaxLength(arguments),
            Inference = Inference(arguments),
            Top = arguments.GetValue(_top) ?? new MaskFillerOptions().Top,
            LongText = arguments.GetValue(_windows) ? LongText.Windows : LongText.Truncate,
        });
        foreach (var batch in Batches(arguments, console, cancellationToken))
        {
            foreach (var (text, filling) in batch.Zip(filler.FillStream(batch, targets, cancellationToken)))
            {
                if (IsJson(arguments)) console.WriteJson(Json(text, filling));
                else Write(console.Output, filling, filler.MaskToken);
            }

            console.Output.Flush();
        }

        return Tool.Success;
    }

    private static void Write(TextWriter output, MaskFilling filling, string maskToken)
    {
        if (filling.Masks.Count == 0) output.WriteLine($"{Mark(filling.IsTruncated)}(no {maskToken}) {Excerpt.Of(filling.Text)}");
        else output.WriteLine(Mark(filling.IsTruncated) + Excerpt.Of(filling.Text));
        foreach (var mask in filling.Masks)
            output.WriteLine("  " + string.Join("  ", mask.Tokens.Select(token => $"{token.Token} {Plain(token.Score)}")));
    }

    private static JsonObject Json(string text, MaskFilling filling) => new()
    {
        ["text"] = text,
        ["filled"] = filling.Text,
        ["masks"] = new JsonArray([.. filling.Masks.Select(mask => new JsonObject
        {
            ["start"] = mask.Start,
            ["end"] = mask.End,
            ["tokens"] = new JsonArray([.. mask.Tokens.Select(token => new JsonObject { ["token"] = token.Token, ["id"] = token.Id, ["score"] = Number(token.Score) })]),
        })]),
        ["truncated"] = filling.IsTruncated,
    };
}
