using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Input;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Cli.Texts;
using SqueezeBert.Evaluation;
using SqueezeBert.Models;

namespace SqueezeBert.Cli.Commands;

/// <summary>Makes vectors of the texts of a file and puts them into an index, which `similar --index` searches.</summary>
internal sealed class IndexCommand : ToolCommand
{
    private readonly Argument<string> _file = new("FILE")
    {
        Description = "One text per line ('-': standard input), or a table (CSV, TSV, JSON lines) whose column --text names.",
    };
    private readonly Argument<string> _index = new("INDEX") { Description = "The file to write; an index of that name is replaced." };
    private readonly Option<string?> _model = SharedOptions.Text("--model", ModelArgument.HelpName,
        "Folder of the model, of sentence-transformers or any encoder, or hf:owner/name of the hub. Without it: the sentence encoder in " +
            "the box.");
    private readonly Option<string?> _column = SharedOptions.Text("--text", "COLUMN", "FILE is a table, and this its column of the texts.");
    private readonly Option<VectorPrecision?> _precision = SharedOptions.OneOf<VectorPrecision>(
        "--precision", "How vectors are stored. Without it: int8, a byte a component. bits is the smallest and needs rescoring.");
    private readonly Option<VectorRescoring?> _rescoring = SharedOptions.OneOf<VectorRescoring>(
        "--rescoring", "With --precision bits: what is kept beside the bits to put candidates in order. Without it: int8.");
    private readonly Option<int?> _dimensions = SharedOptions.Number(
        "--dimensions", "Keep the first N components of a vector, of models that were trained for it.", 1);
    private readonly Option<bool> _noTexts = SharedOptions.Flag(
        "--no-texts", "Leave the texts out: answers have the number of a row alone.");
    private readonly Option<SentencePooling?> _pooling = SharedOptions.OneOf<SentencePooling>(
        "--pooling", "How tokens become a vector. Without it: as the folder says, else mean.");
    private readonly Option<string?> _prompt = SharedOptions.Text(
        "--prompt", "NAME",
        "Which of the folder's prompts to put before each text. Without it: the one for documents (document, passage, corpus), else the " +
            "folder's default.");
    private readonly Option<bool> _windows = SharedOptions.Windows();
    private readonly Option<bool> _json = SharedOptions.Flag("--json", "Print one JSON object.");
    private readonly Option<int?> _maxLength = SharedOptions.MaxLength();
    private readonly Option<int?> _threads = SharedOptions.Threads();
    private readonly Option<Precision?> _modelPrecision = SharedOptions.OneOf<Precision>(
        "--model-precision", "What the model's linear layers are computed with. Without it: auto.");
    private readonly Option<TableFormat?> _format = SharedOptions.Format();
    private readonly Option<char?> _separator = SharedOptions.Separator();
    private readonly Option<bool> _noHeader = SharedOptions.NoHeader();

    public IndexCommand()
        : base("index", "Writes the vectors of a file's texts into an index that similar --index searches, however large it is.")
    {
        Add(_file);
        Add(_index);
        AddAll(_model, _column, _precision, _rescoring, _dimensions, _noTexts, _pooling, _prompt, _windows, _json, _maxLength, _threads,
            _modelPrecision, _format, _separator, _noHeader);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert index titles.txt titles.index",
        "squeezebert index articles.jsonl articles.index --text body --model all-MiniLM-L6-v2 --precision bits --windows",
        "squeezebert index articles.csv small.index --text title --model my-matryoshka-model --dimensions 128 --no-texts",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var (file, path) = (arguments.GetValue(_file)!, arguments.GetValue(_index)!);
        if (Directory.Exists(path)) throw new UsageException($"{path} is a folder; INDEX is a file");

        // The index would replace its texts.
        if (InputFile.IsSame(file, path)) throw new UsageException("FILE and INDEX are the same file");
        var precision = arguments.GetValue(_precision) ?? VectorPrecision.Int8;
        if (precision != VectorPrecision.Bits && arguments.GetValue(_rescoring) is not (null or VectorRescoring.None))
            throw new UsageException("--rescoring belongs to --precision bits");
        var progress = console.IsErrorInteractive && file != InputFile.StandardInput && File.Exists(file)
            ? new ReadProgress(new FileInfo(file).Length) : null;
        using var source = Open(file, arguments, console, progress, cancellationToken);
        using var embedder = Load(arguments, console, cancellationToken);
        using var writer = new VectorIndexWriter(path, embedder.Dimensions, new VectorIndexWriterOptions
        {
            Precision = precision,
            Rescoring = arguments.GetValue(_rescoring),
            Fingerprint = embedder.Fingerprint,
        });
        var truncated = ProgressBar.Run(console, Name,
            tell => AddAll(arguments, embedder, source, writer, () => tell(progress?.Share ?? 0), cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        writer.Complete();
        TellTruncated(arguments, console, truncated, writer.Count);
        Tell(arguments, console, path, truncated);
        return ExitCode.Success;
    }

    private long AddAll(ParseResult arguments, TextEmbedder embedder, TextSource source, VectorIndexWriter writer, Action tell,
        CancellationToken cancellationToken)
    {
        var prompt = arguments.GetValue(_prompt) ?? embedder.Settings.DocumentPromptName;
        var hasTexts = !arguments.GetValue(_noTexts);
        var truncated = 0L;
        foreach (var batch in source.Batches)
        {
            var embeddings = embedder.EmbedStream(batch.Select(input => input.Text), prompt, cancellationToken: cancellationToken);
            foreach (var (input, embedding) in batch.Zip(embeddings))
            {
                writer.Add(embedding.Vector.Span, hasTexts ? input.Text : null);
                if (embedding.Read.IsTruncated) truncated++;
            }

            tell();
        }

        return truncated;
    }

    private TextEmbedder Load(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken) => TextEmbedder.Load(
        arguments.GetValue(_model) is { } model ? ModelArgument.Resolve(model, console, cancellationToken)
        : Directory.Exists(EmbeddingModels.English) ? EmbeddingModels.English
        : throw new UsageException("this build has no sentence encoder in the box; name one with --model"),
        new TextEmbedderOptions
        {
            Reading = new()
            {
                MaxLength = arguments.GetValue(_maxLength),
                LongText = arguments.GetValue(_windows) ? LongText.Windows : LongText.Truncate,
            },
            Pooling = arguments.GetValue(_pooling),
            Dimensions = arguments.GetValue(_dimensions),
        },
        new ModelOptions
        {
            Threads = arguments.GetValue(_threads),
            Precision = arguments.GetValue(_modelPrecision) ?? Precision.Auto,
        });

    private TextSource Open(
        string file, ParseResult arguments, ToolConsole console, ReadProgress? progress, CancellationToken cancellationToken)
    {
        Action<int>? tell = progress is null ? null : progress.Add;
        var (format, separator) = (arguments.GetValue(_format), arguments.GetValue(_separator));
        var noHeader = arguments.GetValue(_noHeader);
        if (arguments.GetValue(_column) is not { } column)
        {
            if (noHeader || separator is not null)
                throw new UsageException("--separator and --no-header are for tables: name the column of the texts with --text");
            if ((format ?? TableFormats.FromPath(file)) is { } known && known != TableFormat.Lines) throw TextSource.NeedsColumn(file);
            return TextSource.Read(InputFile.OpenLines(file, console, cancellationToken, tell), isTable: false,
                static line => new InputText(line.Fields[0]), cancellationToken, progress);
        }

        var reader = InputFile.OpenTable(file, console, SharedOptions.Table(file, format, separator, noHeader), cancellationToken, tell);
        try
        {
            reader.RequireColumn(column);
            return TextSource.Read(reader, isTable: false, row => new InputText(row[column]), cancellationToken, progress);
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private void TellTruncated(ParseResult arguments, ToolConsole console, long truncated, int count)
    {
        if (truncated == 0) return;
        console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"squeezebert {Name}: truncated {truncated} of {count} {(count == 1 ? "text" : "texts")}") +
                (arguments.GetValue(_windows) ? "" : "; --windows reads all of a text"));
    }

    private void Tell(ParseResult arguments, ToolConsole console, string path, long truncated)
    {
        var bytes = new FileInfo(path).Length;
        using var index = VectorIndex.Open(path);
        var (precision, rescoring) = (NameOf(index.Precision), NameOf(index.Rescoring));
        if (arguments.GetValue(_json))
        {
            console.WriteJson(new JsonObject
            {
                ["index"] = path,
                ["vectors"] = index.Count,
                ["dimensions"] = index.Dimensions,
                ["precision"] = precision,
                ["rescoring"] = rescoring,
                ["texts"] = index.HasTexts,
                ["truncated"] = truncated,
                ["bytes"] = bytes,
            });
            return;
        }

        var rescored = index.Rescoring == VectorRescoring.None ? "" : $", rescored by {rescoring}";
        console.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{path}: {index.Count:N0} vectors of {index.Dimensions}, {precision}{rescored}, {bytes / 1e6:0.0} MB"));
    }

    private static string NameOf<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
