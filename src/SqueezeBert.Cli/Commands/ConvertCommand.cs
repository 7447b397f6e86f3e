using System.CommandLine;
using System.Globalization;
using SqueezeBert.Checkpoints;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.ModelFolders.Conversion;

namespace SqueezeBert.Cli.Commands;

/// <summary>
/// Writes a model of any readable form as a folder that transformers and sentence-transformers load, or as an ONNX file.
/// </summary>
internal sealed class ConvertCommand : ToolCommand
{
    private readonly Argument<string> _from =
        new("FROM") { Description = "An ONNX file, a model's folder (safetensors, PyTorch, ONNX), or hf:owner/name of the hub." };
    private readonly Argument<string> _to = new("TO")
    {
        Description = "The folder to make; it must not exist, or be empty. Or the ONNX file to make, its name ending in .onnx.",
    };
    private readonly Option<ConversionFormat?> _format = SharedOptions.OneOf<ConversionFormat>(
        "--format", "How the weights are written. Without it: onnx where TO ends in .onnx, else safetensors.");
    private readonly Option<int?> _set = SharedOptions.Number(
        "--opset", "Version of ONNX's operators. Without it: 12, the newest whose attention ONNX Runtime replaces by one operator.",
        OnnxOptions.MinOperatorSet, OnnxOptions.MaxOperatorSet);
    private readonly Option<bool> _external = SharedOptions.Flag(
        "--external-data", "Write the weights of an ONNX file in one beside it, as is done anyway from 2 GB on.");
    private readonly Option<string> _precision = SharedOptions.StoredPrecision();
    private readonly Option<TablePrecision?> _table = SharedOptions.OneOf<TablePrecision>(
        "--table", "With --precision int8: how embedding tables are stored, float32 without it.");
    private readonly Option<string[]> _average = new("--average")
    {
        HelpName = "MODEL",
        Description = "Write the mean of the weights with those of this model, trained from the same start. May be given several times.",
    };
    private readonly Option<SentencePooling?> _pooling = SharedOptions.OneOf<SentencePooling>(
        "--pooling", "How tokens become a vector, where no modules.json says it: makes a sentence encoder.");
    private readonly Option<bool> _bare = SharedOptions.Flag(
        "--no-pooling", "Of an ONNX file without a head: write the encoder alone, which makes no vectors of texts.");
    private readonly Option<bool> _normalize = SharedOptions.Flag("--normalize", "Divide vectors by their length.");
    private readonly Option<int?> _length = SharedOptions.Number(
        "--max-length", "The most tokens to read of a text, special tokens included.", 3);
    private readonly Option<bool> _lower = SharedOptions.Flag("--lower-case", "With a vocab.txt alone: make text lower case.");
    private readonly Option<bool> _cased = SharedOptions.Flag("--cased", "With a vocab.txt alone: tell upper from lower case.");
    private readonly Option<string?> _query = SharedOptions.Text("--query-prompt", "TEXT", "Text before a query; its name is 'query'.");
    private readonly Option<string?> _document =
        SharedOptions.Text("--document-prompt", "TEXT", "Text before a document; its name is 'document'.");

    public ConvertCommand()
        : base("convert",
            "Writes a model as a folder of transformers, and of sentence-transformers where it makes vectors of texts, or as an ONNX file.")
    {
        Add(_from);
        Add(_to);
        AddAll(_format, _precision, _table, _average, _set, _external, _pooling, _bare, _normalize, _length, _lower, _cased, _query,
            _document);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert convert model.onnx my-encoder --pooling mean --normalize --max-length 256",
        "squeezebert convert old-model my-model --precision float16  # pytorch_model.bin to model.safetensors",
        "squeezebert convert my-encoder small-encoder --precision int8 --table int4",
        "squeezebert convert run-1 my-model --average run-2 --average run-3",
        "squeezebert convert my-model exported/model.onnx  # for ONNX Runtime, ML.NET and others",
        "squeezebert convert hf:intfloat/e5-small-v2 e5 --query-prompt \"query: \" --document-prompt \"passage: \"",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var (isLower, isCased) = (arguments.GetValue(_lower), arguments.GetValue(_cased));
        if (isLower && isCased) throw new UsageException("--lower-case and --cased exclude each other");
        if (arguments.GetValue(_bare) && arguments.GetValue(_pooling) is not null)
            throw new UsageException("--pooling and --no-pooling exclude each other");
        var precision = SharedOptions.TypeOf(arguments.GetValue(_precision))!.Value;
        if (arguments.GetValue(_table) is not null && precision != TensorType.Int8)
            throw new UsageException("--table belongs to --precision int8");
        var prompts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, option) in (ReadOnlySpan<(string, Option<string?>)>)[("query", _query), ("document", _document)])
        {
            if (arguments.GetValue(option) is { } prompt) prompts.Add(name, prompt);
        }

        var to = arguments.GetValue(_to)!;
        var isOnnx = arguments.GetValue(_format) is { } format ? format == ConversionFormat.Onnx
            : to.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);
        if (!isOnnx && (arguments.GetValue(_set) is not null || arguments.GetValue(_external)))
            throw new UsageException("--opset and --external-data are for ONNX: give TO a name that ends in .onnx, or --format onnx");
        var onnx = new OnnxOptions();
        if (arguments.GetValue(_set) is { } set) onnx = onnx with { OperatorSet = set };
        if (arguments.GetValue(_external)) onnx = onnx with { ExternalDataThreshold = 0 };
        var options = new ConversionOptions
        {
            Onnx = isOnnx ? onnx : null,
            Precision = precision,
            Tables = arguments.GetValue(_table) ?? TablePrecision.Float32,
            AverageWith =
                [.. (arguments.GetValue(_average) ?? []).Select(other => ModelArgument.Resolve(other, console, cancellationToken))],
            Pooling = arguments.GetValue(_pooling),
            IsBareEncoder = arguments.GetValue(_bare),
            Normalize = arguments.GetValue(_normalize),
            MaxLength = arguments.GetValue(_length),
            LowerCase = isLower ? true : isCased ? false : null,
            Prompts = prompts,
        };
        var source = ModelArgument.Resolve(arguments.GetValue(_from)!, console, cancellationToken);
        var report = ModelConversion.Convert(source, to, options, cancellationToken);
        foreach (var line in report.Origins) console.Output.WriteLine(line);
        console.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{to}: {report.Configuration.Architectures[0]}, {report.ParameterCount:N0} parameters"));
        return ExitCode.Success;
    }
}

/// <summary>How the weights of a converted model are written.</summary>
internal enum ConversionFormat
{
    Safetensors,
    Onnx,
}
