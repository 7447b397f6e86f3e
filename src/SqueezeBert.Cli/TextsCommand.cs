using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using SqueezeBert.Inference;

namespace SqueezeBert.Cli;

/// <summary>A command that asks a model about texts: those on the command line, or the lines of a file.</summary>
internal abstract class TextsCommand : ToolCommand
{
    // UTF-16 units that are worked on before answers are written.
    private const int BatchCharacters = 1 << 14;

    private readonly Argument<string[]> _texts;
    private readonly Option<string?> _model;
    private readonly Option<string?> _file;
    private readonly Option<bool> _json = SharedOptions.Flag("--json", "Print one JSON object a line.");
    private readonly Option<int?> _maxLength = SharedOptions.MaxLength();
    private readonly Option<int?> _threads = SharedOptions.Threads();

    /// <param name="name">Of the command.</param>
    /// <param name="description">Of the command.</param>
    /// <param name="model">What kind of model it needs.</param>
    /// <param name="argument">What its arguments are called.</param>
    /// <param name="arguments">What they are.</param>
    /// <param name="file">What --file gives.</param>
    protected TextsCommand(string name, string description, string model, string argument, string arguments, string file = "A text a line ('-': standard input).")
        : base(name, description)
    {
        _texts = new(argument) { Arity = ArgumentArity.ZeroOrMore, Description = arguments };
        _model = SharedOptions.Text("--model", ModelArgument.HelpName, $"Folder of the model, {model} (config.json, weights, vocabulary), or hf:owner/name of the hub.");
        _file = SharedOptions.Text("--file", "FILE", file);
        Add(_texts);
        foreach (var option in (Option[])[_model, _file, _json, _maxLength, _threads]) Add(option);
    }

    protected string ModelPath(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken) =>
        ModelArgument.Resolve(arguments.GetValue(_model) ?? throw new UsageException("name a model with --model"), console, cancellationToken);

    protected bool IsJson(ParseResult arguments) => arguments.GetValue(_json);

    protected int? MaxLength(ParseResult arguments) => arguments.GetValue(_maxLength);

    protected InferenceOptions Inference(ParseResult arguments) => new() { Threads = arguments.GetValue(_threads) };

    protected IReadOnlyList<string> Texts(ParseResult arguments) => arguments.GetValue(_texts) ?? [];

    protected string? FileName(ParseResult arguments) => arguments.GetValue(_file);

    /// <summary>Checks that there are texts in one place only.</summary>
    protected void CheckTexts(ParseResult arguments)
    {
        if (Texts(arguments).Count > 0 && FileName(arguments) is not null) throw new UsageException("give texts or --file, not both");
        if (Texts(arguments).Count == 0 && FileName(arguments) is null) throw new UsageException("give a text, --file FILE, or --file - for standard input");
    }

    /// <summary>The texts, or the file's lines while they come.</summary>
    protected IEnumerable<IReadOnlyList<string>> Batches(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        if (FileName(arguments) is not { } file)
        {
            yield return Texts(arguments);
            yield break;
        }

        using var reader = InputFile.OpenLines(file, console, cancellationToken);
        var lines = reader.ReadRows(cancellationToken).Select(row => row.Fields[0]);
        foreach (var batch in ReadAhead.Batches(lines, static line => line.Length + 1, BatchCharacters, cancellationToken)) yield return batch;
    }

    /// <summary>All of the file as one text.</summary>
    protected static string ReadDocument(string file, ToolConsole console, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(InputFile.OpenBytes(file, console, cancellationToken), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>JSON has no word for the NaN or infinity of a broken model.</summary>
    protected static JsonNode? Number(float value) => float.IsFinite(value) ? JsonValue.Create(value) : null;

    protected static string Plain(float score) => score.ToString("0.0000", CultureInfo.InvariantCulture);

    protected static string Mark(bool isTruncated) => isTruncated ? "[truncated] " : "";
}
