using System.CommandLine;
using SqueezeBert.Evaluation;
using SqueezeBert.Inference;

namespace SqueezeBert.Cli.Commands;

/// <summary>Labels texts: those on the command line, the lines of a file, or a column of a table whose rows pass through.</summary>
internal sealed class ClassifyCommand : ToolCommand
{
    // UTF-16 units that are classified before answers are written: a few batches of the classifier.
    private const int BatchCharacters = 1 << 14;

    private readonly Argument<string[]> _texts = new("TEXT") { Arity = ArgumentArity.ZeroOrMore, Description = "Texts to classify." };
    private readonly Option<string?> _model = SharedOptions.Model();
    private readonly Option<string?> _file = SharedOptions.Text("--file", "FILE", "Classify a text a line ('-': standard input), or the column of a table that --text names.");
    private readonly Option<string?> _column = SharedOptions.Text("--text", "COLUMN", "FILE is a table (CSV, TSV, JSON lines): classify this column; rows pass through with the answer added.");
    private readonly Option<string?> _pair = SharedOptions.Text("--pair", "COLUMN", "Column of a second text, for models that read two.");
    private readonly Option<int?> _top = SharedOptions.Number("--top", "How many labels to show, best first. Without it: one, and all of them with --json.", 1);
    private readonly Option<bool> _json = SharedOptions.Flag("--json", "Print one JSON object a line.");
    private readonly Option<string?> _prefix = SharedOptions.Text("--prefix", "PREFIX", "What the names of added columns start with. Without it: nothing, or 'predicted_' where the table has a 'label' or 'score'.");
    private readonly Option<bool> _windows = SharedOptions.Windows();
    private readonly Option<int?> _maxLength = SharedOptions.MaxLength();
    private readonly Option<int?> _threads = SharedOptions.Threads();
    private readonly Option<TableFormat?> _format = SharedOptions.Format();
    private readonly Option<bool> _noHeader = SharedOptions.NoHeader();

    public ClassifyCommand()
        : base("classify", "Labels texts: sentiment with the model in the box, or whatever a model of yours was trained for.")
    {
        Add(_texts);
        foreach (var option in new Option[] { _model, _file, _column, _pair, _top, _json, _prefix, _windows, _maxLength, _threads, _format, _noHeader }) Add(option);
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
        var texts = arguments.GetValue(_texts) ?? [];
        var file = arguments.GetValue(_file);
        Check(arguments, texts, file);
        using var classifier = TextClassifier.Load(ModelArgument.ResolveOrDefault(arguments, _model, console, cancellationToken), new TextClassifierOptions
        {
            MaxLength = arguments.GetValue(_maxLength),
            LongText = arguments.GetValue(_windows) ? LongText.Windows : LongText.Truncate,
            Inference = new InferenceOptions { Threads = arguments.GetValue(_threads) },
        });
        using var output = new TableWriter(console.Output, TableFormat.JsonLines, leaveOpen: true);
        if (file is null)
        {
            Answer(classifier, [[.. texts.Select(text => new Item(text, null, null))]], TextWriter(arguments, console, classifier, output), output, cancellationToken);
        }
        else if (arguments.GetValue(_column) is { } column)
        {
            AnswerTable(arguments, console, classifier, file, column, cancellationToken);
        }
        else
        {
            using var reader = InputFile.OpenLines(file, console, cancellationToken);
            var lines = reader.ReadRows(cancellationToken).Select(row => new Item(row.Fields[0], null, null));
            Answer(classifier, Batches(lines, cancellationToken), TextWriter(arguments, console, classifier, output), output, cancellationToken);
        }

        return Tool.Success;
    }

    private static IEnumerable<IReadOnlyList<Item>> Batches(IEnumerable<Item> items, CancellationToken cancellationToken) =>
        ReadAhead.Batches(items, static item => item.Text.Length + (item.Pair?.Length ?? 0) + 1, BatchCharacters, cancellationToken);

    private static void Answer(
        TextClassifier classifier, IEnumerable<IReadOnlyList<Item>> batches, ClassificationWriter writer, TableWriter output, CancellationToken cancellationToken)
    {
        foreach (var batch in batches)
        {
            var i = 0;
            foreach (var answer in classifier.ClassifyStream(batch.Select(item => (item.Text, item.Pair)), cancellationToken))
            {
                writer.Write(batch[i].Text, batch[i].Row, answer);
                i++;
            }

            // Whoever waits at the other end of a pipe sees what there is.
            output.Flush();
        }
    }

    private void Check(ParseResult arguments, string[] texts, string? file)
    {
        if (texts.Length > 0 && file is not null) throw new UsageException("give texts or --file, not both");
        if (texts.Length == 0 && file is null) throw new UsageException("give a text, --file FILE, or --file - for standard input");
        var isTable = arguments.GetValue(_column) is not null;
        if (isTable && file is null) throw new UsageException("--text names a column of --file; texts of their own stand without an option");
        if (arguments.GetValue(_pair) is not null)
        {
            if (!isTable) throw new UsageException("--pair needs --text, the column of the first text");
            if (arguments.GetValue(_windows)) throw new UsageException("--windows is for single texts, not for pairs");
        }

        if (isTable || file is null) return;
        if (arguments.GetValue(_prefix) is not null || arguments.GetValue(_noHeader)) throw new UsageException("--prefix and --no-header are for tables: name the column of the texts with --text");
        if ((arguments.GetValue(_format) ?? TableFormats.FromPath(file)) is { } format && format != TableFormat.Lines)
            throw new UsageException($"{InputFile.Name(file)} is a table: name the column of the texts with --text (or read its lines as they are with --format lines)");
    }

    private ClassificationWriter TextWriter(ParseResult arguments, ToolConsole console, TextClassifier classifier, TableWriter output) => arguments.GetValue(_json)
        ? new JsonClassificationWriter(output, new AnswerColumns(""), arguments.GetValue(_top) ?? int.MaxValue)
        : new PlainClassificationWriter(console.Output, classifier.Labels, arguments.GetValue(_top) ?? 1);

    private void AnswerTable(ParseResult arguments, ToolConsole console, TextClassifier classifier, string file, string column, CancellationToken cancellationToken)
    {
        var options = new TableOptions { Format = arguments.GetValue(_format), HasHeader = !arguments.GetValue(_noHeader) };
        var pair = arguments.GetValue(_pair);
        using var reader = InputFile.OpenTable(file, console, options, cancellationToken);
        reader.RequireColumn(column);
        if (pair is not null) reader.RequireColumn(pair);
        var format = arguments.GetValue(_json) ? TableFormat.JsonLines : reader.Format;
        using var output = new TableWriter(console.Output, format, leaveOpen: true);
        var writer = new TableAnswers(output, reader, arguments.GetValue(_prefix), arguments.GetValue(_top), classifier.Labels.Count);
        var rows = reader.ReadRows(cancellationToken).Select(row => new Item(row[column], pair is null ? null : row[pair], row));
        Answer(classifier, Batches(rows, cancellationToken), writer, output, cancellationToken);
    }

    private sealed record Item(string Text, string? Pair, Row? Row);
}
