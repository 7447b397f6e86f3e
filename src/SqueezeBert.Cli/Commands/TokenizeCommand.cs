using System.CommandLine;
using System.Text.Json;
using SqueezeBert.Checkpoints;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Input;
using SqueezeBert.Cli.Reports;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Evaluation;
using SqueezeBert.Evaluation.Data;
using SqueezeBert.Files;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Cli.Commands;

/// <summary>Shows how texts become tokens: readable, or as JSON lines with ids and offsets.</summary>
internal sealed class TokenizeCommand : ToolCommand
{
    private const int BatchCharacters = 1 << 18;

    private readonly Argument<string[]> _texts = new("TEXT")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "Texts to tokenize. Without them: one text per line of --file, or of standard input."
    };
    private readonly Option<string?> _vocabulary = SharedOptions.Text("--vocab", "FILE", "A vocab.txt or tokenizer.json.");
    private readonly Option<string?> _model = SharedOptions.Text("--model", ModelArgument.HelpName,
        "A model whose tokenizer is taken: a folder, or hf:owner/name. Without this and --vocab: the model in the box.");
    private readonly Option<bool> _cased = SharedOptions.Flag(
        "--cased", "Keep upper case and accents. Without it: as the files say, and for a vocab.txt lower case.");
    private readonly Option<bool> _jsonLines = SharedOptions.Flag("--jsonl",
        "Lines are JSON objects with 'text' and maybe 'pair'; prints {\"ids\", \"tokens\", \"type_ids\", \"offsets\"} for each.");
    private readonly Option<string?> _file = SharedOptions.Text("--file", "FILE", "Input ('-', and without it: standard input).");
    private readonly Option<int?> _maxLength = SharedOptions.Number(
        "--max-length", "Cut to so many tokens, special tokens included, the longer text of a pair first; --jsonl adds \"truncated\".", 1);
    private readonly Option<int?> _stride = SharedOptions.Number("--stride",
        "With --jsonl and --max-length: add the other windows of a text as \"overflowing\"; a window has so many tokens in common with " +
            "the one before.", 0);

    public TokenizeCommand()
        : base("tokenize", "Shows the tokens of texts, or prints ids, tokens, type ids and offsets as JSON lines.")
    {
        Add(_texts);
        AddAll(_vocabulary, _model, _cased, _jsonLines, _file, _maxLength, _stride);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert tokenize \"Unbelievably good.\"",
        "squeezebert tokenize --vocab vocab.txt --cased --file texts.txt",
        "squeezebert tokenize --model my-model --jsonl --file pairs.jsonl --max-length 128 > encoded.jsonl",
        "echo '{\"text\": \"Is it?\", \"pair\": \"It is.\"}' | squeezebert tokenize --vocab tokenizer.json --jsonl",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var texts = arguments.GetValue(_texts) ?? [];
        var file = arguments.GetValue(_file);
        var isJson = arguments.GetValue(_jsonLines);
        if (texts.Length > 0 && file is not null) throw new UsageException("give texts or --file, not both");
        if (texts.Length > 0 && isJson) throw new UsageException("--jsonl reads --file or standard input, not texts of the command line");
        var tokenizer = Load(arguments, console, cancellationToken);
        var options = EncodingOptions(arguments, tokenizer, isJson);
        if (texts.Length > 0)
        {
            foreach (var text in texts) WriteReadable(console.Output, tokenizer.Encode(text, options, cancellationToken));
            return ExitCode.Success;
        }

        using var reader = InputFile.OpenLines(file ?? InputFile.StandardInput, console, cancellationToken);
        var rows = reader.ReadRows(cancellationToken).Select(row => Input.Of(row, isJson, reader.Name));
        foreach (var batch in ReadAhead.Batches(rows, static input => input.Text.Length + (input.Pair?.Length ?? 0) + 1, BatchCharacters,
            cancellationToken))
        {
            foreach (var line in Encode(batch, reader.Name, input => Line(tokenizer, input, options, isJson), cancellationToken))
                console.Output.Write(line);
            console.Output.Flush();
        }

        return ExitCode.Success;
    }

    private BertTokenizer Load(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var vocabulary = arguments.GetValue(_vocabulary);
        if (vocabulary is not null && arguments.GetValue(_model) is not null) throw new UsageException("give --vocab or --model, not both");
        var path = vocabulary ?? ModelFolder.FolderOf(ModelArgument.ResolveOrDefault(arguments, _model, console, cancellationToken));
        if (!File.Exists(path) && !Directory.Exists(path)) throw ModelPaths.NotFound(path);
        var tokenizer = BertTokenizer.Load(path);
        return arguments.GetValue(_cased) ? BertTokenizer.Load(path, tokenizer.Options with { LowerCase = false }) : tokenizer;
    }

    private EncodingOptions EncodingOptions(ParseResult arguments, BertTokenizer tokenizer, bool isJson)
    {
        var stride = arguments.GetValue(_stride);
        if (stride is not null && !isJson) throw new UsageException("--stride needs --jsonl: a line of tokens shows one window");
        if (stride is not null && arguments.GetValue(_maxLength) is null)
            throw new UsageException("--stride needs --max-length, the length of a window");
        var options = new EncodingOptions
        {
            MaxLength = arguments.GetValue(_maxLength),
            Stride = stride ?? 0,
            ReturnOverflowing = stride is not null,
            ReturnOffsets = isJson
        };
        try
        {
            _ = tokenizer.Encode("", options);
        }
        catch (ArgumentException)
        {
            throw new UsageException(stride is > 0
                ? $"--stride {stride} and --max-length {options.MaxLength} do not fit: a window holds its stride, two special tokens and " +
                    "at least one more"
                : $"--max-length {options.MaxLength} has no room for the two special tokens");
        }

        return options;
    }

    private static IReadOnlyList<string> Encode(IReadOnlyList<Input> batch, string file, Func<Input, string> encode,
        CancellationToken cancellationToken)
    {
        var lines = new string[batch.Count];
        var failure = (Line: long.MaxValue, Message: "");
        Parallel.For(0, batch.Count,
            new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            try
            {
                lines[i] = encode(batch[i]);
            }
            catch (ArgumentException exception)
            {
                // Of several that fail in one batch the first is told, whatever the order of the threads.
                lock (lines)
                {
                    if (batch[i].Line < failure.Line) failure = (batch[i].Line, ErrorText.Of(exception));
                }
            }
        });
        return failure.Line == long.MaxValue ? lines : throw new DataFormatException(file, failure.Line, failure.Message);
    }

    private static string Line(BertTokenizer tokenizer, Input input, EncodingOptions options, bool isJson)
    {
        var encoding = input.Pair is null ? tokenizer.Encode(input.Text, options) : tokenizer.Encode(input.Text, input.Pair, options);
        if (isJson) return EncodingJson.Line(encoding, options);
        using var line = new StringWriter();
        WriteReadable(line, encoding);
        return line.ToString();
    }

    private static void WriteReadable(TextWriter output, TextEncoding encoding)
    {
        output.Write(string.Join(' ', encoding.Tokens));
        output.Write('\n');
    }

    private sealed record Input(string Text, string? Pair, long Line)
    {
        public static Input Of(Row row, bool isJson, string file)
        {
            var line = row.Fields[0];
            if (!isJson) return new Input(line, null, row.Line);
            var json = JsonText.ParseObject(line, file, row.Line);
            if (!json.TryGetProperty("text", out _)) throw new DataFormatException(file, row.Line, "the object has no \"text\"");

            // As in the tables of the other commands, null is an empty text; a pair may be left out, and null leaves it out.
            return new Input(Field(json, "text", file, row.Line) ?? "", Field(json, "pair", file, row.Line), row.Line);
        }

        private static string? Field(JsonElement json, string name, string file, long line)
        {
            if (!json.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
            return value.ValueKind == JsonValueKind.String ? JsonText.Of(value)
                : throw new DataFormatException(file, line, $"\"{name}\" is not a string");
        }
    }
}
