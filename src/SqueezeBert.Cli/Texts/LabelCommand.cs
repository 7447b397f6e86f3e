using System.CommandLine;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;

namespace SqueezeBert.Cli.Texts;

/// <summary>A command that shows what a classifier says of a text or of two.</summary>
internal abstract class LabelCommand : TextsCommand
{
    private readonly Option<int?> _top;

    protected LabelCommand(string name, string description, string top, TextsHelp help)
        : base(name, description, help)
    {
        _top = SharedOptions.Number("--top", top, 1);
        AddOptions(_top);
    }

    /// <summary>Answers all texts.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="console">Takes the answers.</param>
    /// <param name="plainTop">How many labels people see without `--top`; null: all.</param>
    /// <param name="namesInput">Whether an object has the text.</param>
    /// <param name="cancellationToken">Cancels.</param>
    protected int Label(ParseResult arguments, ToolConsole console, int? plainTop, bool namesInput, CancellationToken cancellationToken)
    {
        using var classifier = TextClassifier.Load(ModelSource(arguments, console, cancellationToken), new TextClassifierOptions
        {
            Reading = Reading(arguments),
            Head = Head(arguments),
        }, Computing(arguments));
        return Answer(
            arguments,
            console,
            Open(arguments, console, cancellationToken),
            new LabelFormat(classifier.Labels, arguments.GetValue(_top), plainTop ?? classifier.Labels.Count, IsWindowed(arguments),
                namesInput),
            batch => classifier.ClassifyStream(batch.Select(input => new TextPair(input.Text, input.Pair)),
                cancellationToken: cancellationToken));
    }
}
