using System.CommandLine;
using System.Text.Json.Nodes;

namespace SqueezeBert.Cli.Commands;

/// <summary>Chooses what goes best with a prompt.</summary>
internal sealed class ChooseCommand : TextsCommand
{
    public ChooseCommand()
        : base(
            "choose",
            "Chooses the text that goes best with a prompt.",
            "for multiple choice",
            "TEXT",
            "The prompt, and the choices unless --file has them.",
            "The choices, one a line ('-': standard input).")
    {
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert choose --model my-swag-model \"She opened the oven and\" \"took out the bread.\" \"flew away.\"",
        "squeezebert choose --model my-swag-model --file endings.txt --json \"She opened the oven and\"",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var texts = Texts(arguments);
        var hasFile = FileName(arguments) is not null;
        if (texts.Count == 0) throw new UsageException("give the prompt");
        if (hasFile && texts.Count > 1) throw new UsageException("with --file, give the prompt alone: the choices are the file's lines");
        if (!hasFile && texts.Count == 1) throw new UsageException("give the choices behind the prompt, or --file FILE");
        var model = ModelPath(arguments, console, cancellationToken);
        IReadOnlyList<string> choices = hasFile ? [.. Batches(arguments, console, cancellationToken).SelectMany(batch => batch)] : [.. texts.Skip(1)];
        using var selector = ChoiceSelector.Load(model, new ChoiceSelectorOptions { MaxLength = MaxLength(arguments), Inference = Inference(arguments) });
        var choice = selector.Choose(texts[0], choices, cancellationToken);
        if (IsJson(arguments))
        {
            console.WriteJson(new JsonObject
            {
                ["prompt"] = texts[0],
                ["choice"] = choice.Best.Text,
                ["index"] = choice.Best.Index,
                ["score"] = Number(choice.Best.Score),
                ["choices"] = new JsonArray([.. choice.Choices.Select(item => new JsonObject { ["index"] = item.Index, ["text"] = item.Text, ["score"] = Number(item.Score) })]),
                ["truncated"] = choice.IsTruncated,
            });
        }
        else
        {
            foreach (var item in choice.Choices) console.Output.WriteLine($"{Plain(item.Score)}  {Mark(choice.IsTruncated)}{Excerpt.Of(item.Text)}");
        }

        return Tool.Success;
    }
}
