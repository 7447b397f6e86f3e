using System.CommandLine;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Cli.Texts;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Cli.Commands;

/// <summary>What a model says of two texts: whether one follows from the other, whether they mean the same, how alike they are.</summary>
internal sealed class PairCommand : LabelCommand
{
    public PairCommand()
        : base(
            "pair",
            "Labels or scores pairs of texts: inference, paraphrase, similarity, whatever the model was trained for.",
            "How many labels to show, best first. Without it: all, and one in a table.",
            new TextsHelp
            {
                Model = "for sequence classification",
                Texts = "The first text, and a second one or several to pair it with.",
                File = "one pair per line, the two texts separated by a tab",
                Column = "the first texts",
                PairColumn = "the second texts",
            })
    {
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert pair --model squeezebert-mnli \"A man plays the guitar.\" \"Someone makes music.\"",
        "squeezebert pair --model squeezebert-mrpc --file pairs.tsv --json",
        "squeezebert pair --model squeezebert-mnli --file pairs.csv --text premise --pair hypothesis > labelled.csv",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        if (Texts(arguments).Count == 1 && FileName(arguments) is null)
            throw new UsageException("give two texts, --file FILE, or --file - for standard input");
        CheckTexts(arguments);
        if (Column(arguments) is not null && PairColumn(arguments) is null)
            throw new UsageException("--text needs --pair, the column of the second text");
        return Label(arguments, console, plainTop: null, namesInput: true, cancellationToken);
    }

    protected override bool IsLines(TableFormat format) => format is TableFormat.Lines or TableFormat.Tsv;

    protected override IReadOnlyList<InputText> OfArguments(IReadOnlyList<string> texts) =>
        [.. texts.Skip(1).Select(second => new InputText(texts[0], second))];

    protected override InputText OfLine(Row line, string file)
    {
        var texts = line.Fields[0].Split('\t');
        return texts.Length == 2
            ? new InputText(texts[0], texts[1])
            : throw new DataFormatException(file, line.Line,
                $"has {texts.Length} fields; a pair is two texts separated by a tab (name the columns of a table with --text and --pair)");
    }
}
