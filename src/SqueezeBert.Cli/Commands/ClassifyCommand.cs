using System.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Cli.Texts;

namespace SqueezeBert.Cli.Commands;

/// <summary>Labels texts: those on the command line, the lines of a file, or a column of a table whose rows pass through.</summary>
internal sealed class ClassifyCommand : LabelCommand
{
    public ClassifyCommand()
        : base(
            "classify",
            "Labels texts: sentiment with the model in the box, or whatever a model of yours was trained for.",
            "How many labels to show, best first. Without it: one, and all of them with --json.",
            new TextsHelp { Texts = "Texts to classify.", PairColumn = "second texts, for models that read two" })
    {
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert classify \"It stopped working after a week.\"",
        "squeezebert classify --json --top 2 \"Loved it.\" \"Two hours I will never get back.\"",
        "squeezebert classify --file reviews.txt --windows",
        "tail -f reviews.log | squeezebert classify --file - --json",
        "squeezebert classify --file reviews.csv --text review > labelled.csv",
        "squeezebert classify --model my-model --file pairs.jsonl --text premise --pair hypothesis",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        CheckTexts(arguments);
        return Label(arguments, console, plainTop: 1, namesInput: false, cancellationToken);
    }
}
