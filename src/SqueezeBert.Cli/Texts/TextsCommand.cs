using System.CommandLine;
using System.Globalization;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Input;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Cli.Texts;

/// <summary>What a command about texts calls its texts in its help.</summary>
internal sealed record TextsHelp
{
    /// <summary>Whether it asks a saved model.</summary>
    public bool HasModel { get; init; } = true;

    /// <summary>The kind of model that it needs; null: it has one in the box.</summary>
    public string? Model { get; init; }

    /// <summary>The folder of the model in the box that is asked where none is named; null: one must be named.</summary>
    public string? Box { get; init; }

    /// <summary>Of the arguments.</summary>
    public required string Texts { get; init; }

    /// <summary>Of --file without --text.</summary>
    public string File { get; init; } = "one text per line";

    /// <summary>Of the column that --text names.</summary>
    public string Column { get; init; } = "the texts";

    /// <summary>Of the column that --pair names; null: there is no such option.</summary>
    public string? PairColumn { get; init; }
}

/// <summary>
/// A command that says something of texts, mostly by a saved model: of those on the command line, the lines of a file, or a column of a
/// table whose rows pass through with the answers added. Texts are read while the model works, and answered in their order.
/// </summary>
internal abstract class TextsCommand : ToolCommand
{
    private readonly Argument<string[]> _texts;
    private readonly Option<string?> _model;
    private readonly Option<string?> _file;
    private readonly Option<string?> _column;
    private readonly Option<string?>? _pair;
    private readonly Option<bool> _json = SharedOptions.Flag("--json", "Print one JSON object per line.");
    private readonly Option<string?> _prefix;
    private readonly Option<string?> _head = SharedOptions.Head();
    private readonly Option<bool> _windows = SharedOptions.Windows();
    private readonly Option<int?> _maxLength = SharedOptions.MaxLength();
    private readonly Option<int?> _threads = SharedOptions.Threads();
    private readonly Option<Precision?> _precision = SharedOptions.ModelPrecision();
    private readonly Option<TableFormat?> _format = SharedOptions.Format();
    private readonly Option<char?> _separator = SharedOptions.Separator();
    private readonly Option<bool> _noHeader = SharedOptions.NoHeader();
    private readonly bool _hasModel;
    private readonly bool _hasDefaultModel;
    private readonly string? _box;

    /// <param name="name">Of the command.</param>
    /// <param name="description">Of the command.</param>
    /// <param name="help">Of its texts.</param>
    protected TextsCommand(string name, string description, TextsHelp help)
        : base(name, description)
    {
        _texts = new("TEXT") { Arity = ArgumentArity.ZeroOrMore, Description = help.Texts };
        _model = help.Model is null
            ? SharedOptions.Model()
            : SharedOptions.Text("--model", ModelArgument.HelpName,
                $"Folder of the model, {help.Model} (config.json, weights, vocabulary), or hf:owner/name of the hub." +
                (help.Box is null ? "" : " Without it: the sentence encoder in the box."));
        (_hasModel, _hasDefaultModel) = (help.HasModel, help.HasModel && help.Model is null);
        _box = help.Box;
        _file = SharedOptions.Text("--file", "FILE",
            $"Read {help.File} ('-': standard input), or the column of a table that --text names.");
        _column = SharedOptions.Text("--text", "COLUMN",
            $"FILE is a table (CSV, TSV, JSON lines), and this its column of {help.Column}; rows pass through with the answer added.");
        _prefix = SharedOptions.Text(
            "--prefix", "PREFIX",
            "What the names of added columns start with. Without it: nothing, or 'predicted_' where the table has one of the names " +
                "already.");
        Add(_texts);
        if (_hasModel) Add(_model);
        AddAll(_file, _column);
        if (help.PairColumn is not null) Add(_pair = SharedOptions.Text("--pair", "COLUMN", $"The table's column of {help.PairColumn}."));
    }

    /// <summary>Adds the options that no other command has, and behind them those that all have.</summary>
    protected void AddOptions(params IEnumerable<Option> own)
    {
        if (HasHead) Add(_head);
        AddAll(own);
        if (HasWindows) Add(_windows);
        AddAll(_json, _prefix);
        if (_hasModel) AddAll(_maxLength, _threads, _precision);
        AddAll(_format, _separator, _noHeader);
    }

    /// <summary>Whether long texts are cut unless --windows is given.</summary>
    protected virtual bool HasWindows => true;

    /// <summary>Whether the model has a head for the command's task, of which it may have several.</summary>
    protected virtual bool HasHead => true;

    /// <summary>The name of the head to ask; null: the only one.</summary>
    protected string? Head(ParseResult arguments) => HasHead ? arguments.GetValue(_head) : null;

    protected bool IsJson(ParseResult arguments) => arguments.GetValue(_json);

    protected bool IsWindowed(ParseResult arguments) => arguments.GetValue(_windows);

    /// <summary>How texts are read.</summary>
    protected ReadingOptions Reading(ParseResult arguments) => new()
    {
        MaxLength = arguments.GetValue(_maxLength),
        LongText = IsWindowed(arguments) ? LongText.Windows : LongText.Truncate,
    };

    /// <summary>How the model computes.</summary>
    protected ModelOptions Computing(ParseResult arguments) => new()
    {
        Threads = arguments.GetValue(_threads),
        Precision = arguments.GetValue(_precision) ?? Precision.Auto,
    };

    protected IReadOnlyList<string> Texts(ParseResult arguments) => arguments.GetValue(_texts) ?? [];

    protected string? FileName(ParseResult arguments) => arguments.GetValue(_file);

    protected string? Column(ParseResult arguments) => arguments.GetValue(_column);

    protected string? PairColumn(ParseResult arguments) => _pair is null ? null : arguments.GetValue(_pair);

    /// <summary>How all of a text is read that was cut, behind a semicolon.</summary>
    protected virtual string Remedy(ParseResult arguments) => IsWindowed(arguments) ? "" : "; --windows reads all of a text";

    /// <summary>Whether the command line names a model.</summary>
    protected bool NamesModel(ParseResult arguments) => arguments.GetValue(_model) is not null;

    /// <summary>The model's folder.</summary>
    protected string ModelPath(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken) =>
        _hasDefaultModel || arguments.GetValue(_model) is not null
        ? ModelArgument.ResolveOrDefault(arguments, _model, console, cancellationToken)
        : Directory.Exists(_box) ? _box : throw new UsageException("name a model with --model");

    /// <summary>The model: a folder, or the one that is part of the program.</summary>
    protected ModelSource ModelSource(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken) =>
        _hasDefaultModel && arguments.GetValue(_model) is null && BoxModel.Files is { } files
        ? files
        : ModelPath(arguments, console, cancellationToken);

    /// <summary>Checks that there are texts in one place only, and a table where there are columns.</summary>
    protected void CheckTexts(ParseResult arguments)
    {
        if (Texts(arguments).Count > 0 && FileName(arguments) is not null) throw new UsageException("give texts or --file, not both");
        if (Texts(arguments).Count == 0 && FileName(arguments) is null)
            throw new UsageException("give a text, --file FILE, or --file - for standard input");
        CheckTable(arguments);
    }

    /// <summary>Checks that columns are those of a table, and that a table has columns.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="readsAnyFile">Whether a file that looks like a table may be read as it is.</param>
    protected void CheckTable(ParseResult arguments, bool readsAnyFile = false)
    {
        var file = FileName(arguments);
        if (Column(arguments) is not null)
        {
            if (file is null) throw new UsageException("--text names a column of --file; texts of their own stand without an option");
            return;
        }

        if (PairColumn(arguments) is not null) throw new UsageException("--pair needs --text, the column of the first text");
        if (file is null) return;
        if (arguments.GetValue(_prefix) is not null || arguments.GetValue(_noHeader) || arguments.GetValue(_separator) is not null)
            throw new UsageException("--prefix, --separator and --no-header are for tables: name the column of the texts with --text");
        if (!readsAnyFile && (arguments.GetValue(_format) ?? TableFormats.FromPath(file)) is { } format && !IsLines(format))
            throw TextSource.NeedsColumn(file);
    }

    /// <summary>Whether the lines of a file in this format may be texts.</summary>
    protected virtual bool IsLines(TableFormat format) => format == TableFormat.Lines;

    /// <summary>The texts of the command line.</summary>
    protected virtual IReadOnlyList<InputText> OfArguments(IReadOnlyList<string> texts) => [.. texts.Select(text => new InputText(text))];

    /// <summary>The text of a line.</summary>
    protected virtual InputText OfLine(Row line, string file) => new(line.Fields[0]);

    /// <summary>The texts, wherever they are.</summary>
    protected TextSource Open(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        if (FileName(arguments) is not { } file) return TextSource.Of(OfArguments(Texts(arguments)));
        if (Column(arguments) is not null) return OpenTable(arguments, console, cancellationToken);
        var progress = ReadProgress.Of(file, console);
        var reader = InputFile.OpenLines(file, console, cancellationToken, progress is null ? null : progress.Add);
        return TextSource.Read(reader, isTable: false, line => OfLine(line, reader.Name), cancellationToken, progress);
    }

    /// <summary>The columns of the table.</summary>
    /// <param name="arguments">Name file and columns.</param>
    /// <param name="console">Has the standard input.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <param name="choices">Columns of choices.</param>
    /// <param name="choose">The choices of a row.</param>
    protected TextSource OpenTable(
        ParseResult arguments, ToolConsole console, CancellationToken cancellationToken, IReadOnlyList<string>? choices = null,
        Func<Row, IReadOnlyList<string>>? choose = null)
    {
        var (column, pair) = (Column(arguments)!, PairColumn(arguments));
        var file = FileName(arguments)!;
        var options = SharedOptions.Table(
            file, arguments.GetValue(_format), arguments.GetValue(_separator), arguments.GetValue(_noHeader));
        var progress = ReadProgress.Of(file, console);
        var reader = InputFile.OpenTable(file, console, options, cancellationToken, progress is null ? null : progress.Add);
        try
        {
            foreach (var name in (IEnumerable<string>)[column, .. pair is null ? [] : (string[])[pair], .. choices ?? []])
                reader.RequireColumn(name);
            return TextSource.Read(reader, isTable: true,
                row => new InputText(row[column], pair is null ? null : row[pair], row, choose?.Invoke(row)), cancellationToken, progress);
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>Asks about all texts and writes the answers as they come.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="console">Takes the answers.</param>
    /// <param name="source">The texts; disposed here.</param>
    /// <param name="format">How answers look.</param>
    /// <param name="ask">The answers to some texts, in their order.</param>
    protected int Answer<T>(ParseResult arguments, ToolConsole console, TextSource source, AnswerFormat<T> format,
        Func<IReadOnlyList<InputText>, IEnumerable<T>> ask)
    {
        using (source)
        {
            var (count, truncated) = source.Progress is { } progress
                ? ProgressBar.Run(console, Name, tell => AnswerAll(arguments, console, source, format, ask, () => tell(progress.Share)))
                : AnswerAll(arguments, console, source, format, ask, static () => { });
            TellTruncated(arguments, console, truncated, count);
            return ExitCode.Success;
        }
    }

    private (long Count, long Truncated) AnswerAll<T>(ParseResult arguments, ToolConsole console, TextSource source,
        AnswerFormat<T> format, Func<IReadOnlyList<InputText>, IEnumerable<T>> ask, Action tell)
    {
        var (count, truncated) = (0L, 0L);
        using var output = Table(arguments, console, source);
        var writer = Writer(arguments, console, source, output, format);
        foreach (var batch in source.Batches)
        {
            foreach (var (input, answer) in batch.Zip(ask(batch)))
            {
                writer.Write(input, answer);
                count++;
                if (format.IsTruncated(answer)) truncated++;
            }

            // Whoever waits at the other end of a pipe sees what there is.
            output.Flush();
            tell();
        }

        return (count, truncated);
    }

    /// <summary>As <see cref="Answer"/> for a command that orders its answers itself: they are all there.</summary>
    protected int Write<T>(ParseResult arguments, ToolConsole console, TextSource source, AnswerFormat<T> format,
        IReadOnlyList<(InputText Input, T Answer)> answers)
    {
        using var output = Table(arguments, console, source);
        var writer = Writer(arguments, console, source, output, format);
        foreach (var (input, answer) in answers) writer.Write(input, answer);
        return ExitCode.Success;
    }

    /// <summary>A note on texts that were cut: a table of answers may not show it.</summary>
    protected void TellTruncated(ParseResult arguments, ToolConsole console, long truncated, long count)
    {
        if (truncated == 0) return;
        console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"squeezebert {Name}: truncated {truncated} of {count} {(count == 1 ? "text" : "texts")}{Remedy(arguments)}"));
    }

    private TableWriter Table(ParseResult arguments, ToolConsole console, TextSource source) =>
        IsJson(arguments) || source.Table is not { } table ? new TableWriter(console.Output, TableFormat.JsonLines, leaveOpen: true)
            : new TableWriter(console.Output, table.Format, leaveOpen: true) { Separator = table.Separator };

    private AnswerWriter<T> Writer<T>(ParseResult arguments, ToolConsole console, TextSource source, TableWriter output,
        AnswerFormat<T> format)
    {
        if (source.Table is not null) return new TableAnswers<T>(output, source.Table, arguments.GetValue(_prefix), format);
        return IsJson(arguments) ? new JsonAnswers<T>(output, format) : new PlainAnswers<T>(console.Output, format);
    }
}
