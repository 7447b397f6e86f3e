using System.CommandLine;
using System.Globalization;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Input;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Cli.Texts;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Cli.Commands;

/// <summary>
/// Labels texts without a neural network: by the linear model that stands beside every trained one, which learns from labelled files
/// first. Its labels can train a network.
/// </summary>
internal sealed class LinearCommand : TextsCommand
{
    private readonly Option<string[]> _train = new("--train")
    {
        HelpName = "FILE",
        Description = "Labelled data to learn from: CSV, TSV or JSON lines. May be given several times.",
    };
    private readonly Option<string?> _trainText = SharedOptions.Text("--train-text", "COLUMN",
        "Their column of the text. Without it: 'text' or 'sentence'.");
    private readonly Option<string?> _trainPair = SharedOptions.Text("--train-pair", "COLUMN", "Their column of a second text.");
    private readonly Option<string?> _label = SharedOptions.Text("--label", "COLUMN", "Their column of the label. Without it: 'label'.");
    private readonly Option<string[]> _labels = LabelValues.Option(
        "What their labels mean: 0=negative,1=positive. Without it: what the column says, in order of appearance.");
    private readonly Option<TableFormat?> _trainFormat = ForTraining(SharedOptions.Format("--train-format"));
    private readonly Option<char?> _trainSeparator = ForTraining(SharedOptions.Separator("--train-separator"));
    private readonly Option<bool> _trainNoHeader = ForTraining(SharedOptions.NoHeader("--train-no-header"));
    private readonly Option<int?> _heldOut = SharedOptions.Number("--held-out",
        "Do not learn from the texts that training holds out: one part of N, chosen by a hash of the text.", 2);
    private readonly Option<int?> _top = SharedOptions.Number(
        "--top", "How many labels to show, best first. Without it: one, and all of them with --json.", 1);

    public LinearCommand()
        : base(
            "linear",
            "Labels texts by a linear model on words and pairs of words, which learns from labelled files in seconds: what goes without " +
            "a network.",
            new TextsHelp { HasModel = false, Texts = "Texts to label.", PairColumn = "second texts, where the labelled files have pairs" })
    {
        AddOptions(_train, _trainText, _trainPair, _label, _labels, _heldOut, _trainFormat, _trainSeparator, _trainNoHeader, _top);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert linear --train train.tsv \"It stopped working after a week.\"",
        "squeezebert linear --train reviews.csv --train-text review --label stars --file new.csv --text review > labelled.csv",
        "squeezebert linear --train imdb/train.tsv --labels 0=negative,1=positive --held-out 10 --file reviews.txt --json",
    ];

    protected override bool HasHead => false;

    protected override bool HasWindows => false;

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        CheckTexts(arguments);
        if (arguments.GetValue(_train) is not { Length: > 0 } files)
            throw new UsageException("give the labelled files to learn from with --train");
        var hasPairs = arguments.GetValue(_trainPair) is not null;
        if (hasPairs != PairColumn(arguments) is not null) throw new UsageException(hasPairs
            ? "--train-pair says that the model reads pairs: name the second texts with --file, --text and --pair"
            : "--pair needs --train-pair, the second texts of the files to learn from");
        var (model, labels) = Learn(files, arguments, console, cancellationToken);
        return Answer(
            arguments,
            console,
            Open(arguments, console, cancellationToken),
            new LabelFormat(labels, arguments.GetValue(_top), plainTop: 1, hasWindows: false),
            batch => batch.Select(input =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                return Classify(model, labels, input);
            }));
    }

    private (LinearTextClassifier Model, IReadOnlyList<string> Labels) Learn(
        string[] files, ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var given = LabelValues.Parse(arguments.GetValue(_labels), needsNames: false);
        var names = given.Select(label => label.Name).Distinct(StringComparer.Ordinal).ToList();
        var ids = given.ToDictionary(label => label.Value, label => names.IndexOf(label.Name), StringComparer.Ordinal);
        foreach (var (name, id) in names.Select((name, id) => (name, id))) ids.TryAdd(name, id);
        var examples = new List<(string Text, string? Pair, IReadOnlyList<int> Classes)>();
        foreach (var file in files)
        {
            using var reader = InputFile.OpenTable(file, console, SharedOptions.Table(file, arguments.GetValue(_trainFormat),
                arguments.GetValue(_trainSeparator), arguments.GetValue(_trainNoHeader)), cancellationToken);
            var text = arguments.GetValue(_trainText) ?? InputFile.TextColumn(reader);
            foreach (var example in ExampleReader.Read(
                reader, text, arguments.GetValue(_trainPair), arguments.GetValue(_label) ?? "label", cancellationToken))
            {
                if (arguments.GetValue(_heldOut) is { } parts && HashSplit.IsHeldOut(example.Text, parts)) continue;
                var label = example.Label.Trim();
                if (!ids.TryGetValue(label, out var id))
                {
                    if (label.Length == 0) throw new DataFormatException(reader.Name, example.Line, "the row has no label");
                    if (given.Count > 0) throw new DataFormatException(reader.Name, example.Line,
                        $"'{label}' is no label of --labels: {string.Join(", ", names)}");
                    ids.Add(label, id = names.Count);
                    names.Add(label);
                }

                examples.Add((example.Text, example.Pair, [id]));
            }
        }

        if (examples.Count == 0) throw new DataFormatException(files[0], null, "there is no row to learn from");
        if (names.Count < 2)
            throw new DataFormatException(files[0], null, $"all rows have the label '{names[0]}': there is nothing to learn");
        console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"squeezebert linear: learning {names.Count} labels from {examples.Count:N0} texts"));
        return (LinearTextClassifier.Train(examples, names.Count, cancellationToken: cancellationToken), names);
    }

    // The texts that get labels have the same options without "train".
    private static T ForTraining<T>(T option)
        where T : Option
    {
        var text = option.Description!;
        option.Description = $"For --train: {char.ToLowerInvariant(text[0])}{text[1..]}";
        return option;
    }

    private static Classification Classify(LinearTextClassifier model, IReadOnlyList<string> labels, InputText input)
    {
        var scores = model.Predict(input.Text, input.Pair);
        return new Classification
        {
            Labels = [.. labels.Zip(scores, (label, score) => new LabelScore { Label = label, Score = score })
                .OrderByDescending(label => label.Score)],
            Read = new ReadInfo { TokenCount = 0, CharactersRead = input.Text.Length + (input.Pair?.Length ?? 0) },
        };
    }
}
