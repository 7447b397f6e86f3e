using System.CommandLine;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Cli.Texts;

namespace SqueezeBert.Cli.Commands;

/// <summary>Labels of the user's own, through a model for natural language inference.</summary>
internal sealed class ZeroShotCommand : TextsCommand
{
    private readonly Option<string[]> _labels = new("--label")
    {
        HelpName = "LABEL",
        Description = "A candidate label. Give two or more, or a single one to ask whether it is true."
    };
    private readonly Option<int?> _top = SharedOptions.Number(
        "--top", "How many labels to show, best first. Without it: all, and one in a table.", 1);
    private readonly Option<bool> _multiLabel = SharedOptions.Flag("--multi-label", "Score each label by itself: several may be true.");
    private readonly Option<string?> _template = SharedOptions.Text(
        "--template", "TEXT", "Sentence about a text, {} in the place of the label; default 'This example is {}.'");
    private readonly Option<string?> _entailment =
        SharedOptions.Text("--entailment", "NAME", "The model's label for 'follows'. Without it: the one that begins with 'entail'.");

    public ZeroShotCommand()
        : base("zero-shot", "Gives texts labels of your own that the model was not trained for.",
            new TextsHelp { Model = "for natural language inference", Texts = "Texts to label." })
    {
        AddOptions(_labels, _top, _multiLabel, _template, _entailment);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert zero-shot --model squeezebert-mnli --label sport --label politics \"The match ended in a draw.\"",
        "squeezebert zero-shot --model squeezebert-mnli --label urgent --label angry --multi-label --file mails.txt --windows --json",
        "squeezebert zero-shot --model squeezebert-mnli --label sport --label politics --file news.csv --text headline > labelled.csv",
        "squeezebert zero-shot --model squeezebert-mnli --template \"This text is about {}.\" --label music --label film \"A fine score.\"",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        CheckTexts(arguments);
        if (arguments.GetValue(_labels) is not { Length: > 0 } labels) throw new UsageException("give the labels, each with --label");
        using var classifier = ZeroShotClassifier.Load(ModelPath(arguments, console, cancellationToken), new ZeroShotClassifierOptions
        {
            Reading = Reading(arguments),
            Head = Head(arguments),
            HypothesisTemplate = arguments.GetValue(_template) ?? new ZeroShotClassifierOptions().HypothesisTemplate,
            EntailmentLabel = arguments.GetValue(_entailment),
        }, Computing(arguments));
        var prepared = classifier.Prepare(labels, arguments.GetValue(_multiLabel));
        return Answer(
            arguments,
            console,
            Open(arguments, console, cancellationToken),
            new LabelFormat(labels, arguments.GetValue(_top), plainTop: labels.Length, IsWindowed(arguments)),
            batch => classifier.ClassifyStream(batch.Select(input => input.Text), prepared, cancellationToken: cancellationToken));
    }
}
