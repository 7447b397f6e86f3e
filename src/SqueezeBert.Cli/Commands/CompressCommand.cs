using System.Buffers;
using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Input;
using SqueezeBert.Cli.Reports;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Evaluation;
using SqueezeBert.Training;

namespace SqueezeBert.Cli.Commands;

/// <summary>Makes a model smaller as far as labelled data allow, and says what it came to.</summary>
internal sealed class CompressCommand : ToolCommand
{
    private readonly Argument<string> _from = new("MODEL") { Description = "A classifier or a regression: its folder, or hf:owner/name." };
    private readonly Argument<string> _to = new("OUT") { Description = "The folder to make; it must not exist, or be empty." };
    private readonly Option<string> _data = new("--data")
    {
        HelpName = "FILE",
        Description = "Labelled texts or pairs that the model has not learnt from. One part decides, another is reported on.",
        Required = true,
    };

    private readonly Option<double?> _maxLoss = SharedOptions.Share(
        "--max-loss", "Points of the score, of 100, that may be lost on the part that decides. Default 0.5.", 100);
    private readonly Option<string?> _metric = SharedOptions.Text(
        "--metric", "NAME", "The score: a figure of 'evaluate'. Without it: accuracy, micro_f1 of several labels, spearman of numbers.");
    private readonly Option<double?> _heal = SharedOptions.Fraction(
        "--heal", "Train a pruned model that lost too much for so many epochs, on a part of the data and on what the given model says.");
    private readonly Option<double?> _rate = SharedOptions.Fraction("--learning-rate", "With --heal: its peak. Default 1e-4.");
    private readonly Option<int?> _examples = SharedOptions.Number(
        "--examples", "Examples that show which layers, heads and channels matter. Default 512.", 1);
    private readonly Option<string?> _text = SharedOptions.Text(
        "--text", "COLUMN", "Column of the text. Without it: 'text' or 'sentence'.");
    private readonly Option<string?> _pair = SharedOptions.Text("--pair", "COLUMN", "Column of a second text.");
    private readonly Option<string?> _label = SharedOptions.Text("--label", "COLUMN",
        "Column of the label: its name, its number in the model, or a value that --labels names. Without it: 'label'.");
    private readonly Option<string[]> _labels = LabelValues.Option("What the data's labels mean: 0=negative,1=positive.");
    private readonly Option<int?> _limit = SharedOptions.Number("--limit", "Rows to read at most. Without it: all.", 2);
    private readonly Option<TableFormat?> _format = SharedOptions.Format();
    private readonly Option<char?> _separator = SharedOptions.Separator();
    private readonly Option<bool> _noHeader = SharedOptions.NoHeader();
    private readonly Option<int?> _maxLength = SharedOptions.MaxLength();
    private readonly Option<int?> _seed = SharedOptions.Number("--seed", "What is random in --heal follows from it. Default 1.", 0);
    private readonly Option<int?> _threads = SharedOptions.Threads();
    private readonly Option<bool> _json = SharedOptions.Flag("--json", "Print one JSON object.");

    public CompressCommand()
        : base("compress", "Makes a classifier smaller: int8, tables, layers, heads, channels, as far as its score on your data allows.")
    {
        Add(_from);
        Add(_to);
        AddAll(_data, _maxLoss, _metric, _heal, _rate, _examples, _text, _pair, _label, _labels, _limit, _format, _separator, _noHeader,
            _maxLength, _seed, _threads, _json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert compress my-model small-model --data dev.tsv --max-loss 0.5",
        "squeezebert compress my-model small-model --data reviews.csv --text review --label stars --heal 2",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        if (arguments.GetValue(_rate) is not null && arguments.GetValue(_heal) is null)
            throw new UsageException("--learning-rate goes with --heal");
        var (model, output) = (ModelArgument.Resolve(arguments.GetValue(_from)!, console, cancellationToken), arguments.GetValue(_to)!);
        var options = OptionsOf(arguments);
        var report = ProgressBar.Run(
            console, "compressing", tell => ModelCompression.Run(model, output, options, new Progress(tell), cancellationToken));
        if (arguments.GetValue(_json)) WriteJson(report, model, output, console);
        else CompressionText.Write(report, output, options.MaxLoss, console.Output);
        return ExitCode.Success;
    }

    private CompressionOptions OptionsOf(ParseResult arguments)
    {
        var file = arguments.GetValue(_data)!;
        var table = SharedOptions.Table(
            file, arguments.GetValue(_format), arguments.GetValue(_separator), arguments.GetValue(_noHeader));
        var labels = LabelValues.Parse(arguments.GetValue(_labels), needsNames: true)
            .ToDictionary(label => label.Value, label => label.Name, StringComparer.Ordinal);
        var options = new CompressionOptions
        {
            Data = new DataSource
            {
                File = file,
                Format = table.Format,
                Separator = table.Separator,
                HasHeader = table.HasHeader,
                Text = arguments.GetValue(_text) ?? TextColumn(file, table),
                Pair = arguments.GetValue(_pair),
                Label = arguments.GetValue(_label) ?? "label",
                Limit = arguments.GetValue(_limit),
            },
            LabelValues = labels.Count > 0 ? labels : null,
            Metric = arguments.GetValue(_metric),
            HealEpochs = arguments.GetValue(_heal) ?? 0,
            MaxLength = arguments.GetValue(_maxLength),
            Seed = (ulong)(arguments.GetValue(_seed) ?? 1),
            Threads = arguments.GetValue(_threads),
        };
        return options with
        {
            MaxLoss = arguments.GetValue(_maxLoss) ?? options.MaxLoss,
            LearningRate = arguments.GetValue(_rate) ?? options.LearningRate,
            Examples = arguments.GetValue(_examples) ?? options.Examples,
        };
    }

    private static string TextColumn(string file, TableOptions table)
    {
        using var reader = TableReader.Open(file, table);
        return InputFile.TextColumn(reader);
    }

    private static void WriteJson(CompressionReport report, string model, string output, ToolConsole console)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json)) report.WriteJson(writer);
        var line = new JsonObject { ["model"] = model, ["output"] = output };
        foreach (var (name, value) in JsonNode.Parse(json.WrittenSpan)!.AsObject()) line[name] = value?.DeepClone();
        console.WriteJson(line);
    }

    private sealed class Progress(Action<double> tell) : IProgress<CompressionProgress>
    {
        public void Report(CompressionProgress value) => tell(value.Fraction);
    }
}
