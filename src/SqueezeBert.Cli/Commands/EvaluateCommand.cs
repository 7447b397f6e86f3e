using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Input;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Cli.Commands;

/// <summary>Predicts labelled files and reports the figures of each, and of all together.</summary>
internal sealed partial class EvaluateCommand : ToolCommand
{
    private readonly Option<string?> _model = SharedOptions.Model();
    private readonly Option<string?> _head = SharedOptions.Head();
    private readonly Option<string[]> _data = new("--data")
    {
        HelpName = "FILE",
        Description = "Labelled data, plain or gzip: CSV, TSV or JSON lines; CoNLL's columns, SQuAD's JSON or BEIR's folder by --task. " +
            "Several are reported each and together.",
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _text = SharedOptions.Text(
        "--text", "COLUMN", "Column of the text. Without it: 'text' or 'sentence'.");
    private readonly Option<string?> _pair = SharedOptions.Text("--pair", "COLUMN", "Column of a second text.");
    private readonly Option<string?> _label = SharedOptions.Text("--label", "COLUMN",
        "Column of the label: its name, its number in the model, or a value that --labels names. Without it: 'label'.");
    private readonly Option<string[]> _labels = LabelValues.Option("What the data's labels mean: 0=negative,1=positive.");

    private readonly Option<int?> _heldOut = SharedOptions.Number(
        "--held-out", "Take only the texts that training held out: one part of N, chosen by a hash of the text.", 1);
    private readonly Option<bool> _json = SharedOptions.Flag(
        "--json", "Print one JSON object for each file, and with several one for all together.");
    private readonly Option<bool> _windows = SharedOptions.Windows();
    private readonly Option<int?> _maxLength = SharedOptions.MaxLength();
    private readonly Option<int?> _threads = SharedOptions.Threads();
    private readonly Option<Precision?> _precision = SharedOptions.ModelPrecision();
    private readonly Option<TableFormat?> _format = SharedOptions.Format();
    private readonly Option<char?> _separator = SharedOptions.Separator();
    private readonly Option<bool> _noHeader = SharedOptions.NoHeader();
    private readonly Option<EvaluationTask?> _task = SharedOptions.OneOf<EvaluationTask>("--task",
        "What is measured. Without it: what the model has a head for, or classification.");

    public EvaluateCommand()
        : base("evaluate",
            "Measures a model on labelled data: labels, numbers, entities, answers, choices, vectors; GLUE and SQuAD as their scripts do.")
    {
        AddAll(_model, _data, _task, _head, _text, _pair, _label, _labels, _heldOut, _json, _windows, _maxLength, _threads, _precision,
            _format, _separator, _noHeader);
        AddAll(_glue, _split, _submission, _baseline, _calibrate, _saveTemperature, _outOfScope, _falseRefusals, _refusal);
        AddAll(_strict, _forbidImpossible, _choices, _noAnswer, _threshold, _predictions, _queryPrompt, _documentPrompt, _queryModel);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert evaluate --model my-model --data dev.tsv",
        "squeezebert evaluate --model my-model --data reviews.csv --text review --label stars --labels 1=negative,5=positive",
        "squeezebert evaluate --data imdb/train.tsv --labels 0=negative,1=positive --refusal neutral --held-out 10 --windows",
        "squeezebert evaluate --model nli --data pairs.jsonl --text premise --pair hypothesis",
        "squeezebert evaluate --task similarity --model all-MiniLM-L6-v2 --data sts.tsv --text sentence1 --pair sentence2 --label score",
        "squeezebert evaluate --glue MRPC glue --model squeezebert-mrpc --baseline",
        "squeezebert evaluate --data dev.tsv --calibrate --save-temperature --model my-model",
        "squeezebert evaluate --model my-ner-model --data conll2003/valid.txt",
        "squeezebert evaluate --model my-squad-model --data dev-v2.0.json --predictions predicted",
        "squeezebert evaluate --task retrieval --model all-MiniLM-L6-v2 --data scifact --baseline",
    ];

    private enum EvaluationTask
    {
        Classification,
        Similarity,
        Tagging,
        Answering,
        Choosing,
        Retrieval,
    }

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var isGlue = arguments.GetValue(_glue) is { Length: > 0 };
        if (isGlue == arguments.GetValue(_data) is { Length: > 0 })
            throw new UsageException("give what to evaluate on: --data FILE, or --glue TASK FOLDER");
        var task = arguments.GetValue(_task);
        if (task == EvaluationTask.Similarity) return RunSimilarity(arguments, console, cancellationToken);
        var model = ModelArgument.ResolveOrDefault(arguments, _model, console, cancellationToken);
        task ??= isGlue ? EvaluationTask.Classification : TaskOf(model, arguments.GetValue(_head));

        // Of a model that is not there, that is what is told.
        if (Path.Exists(model)) CheckOptions(arguments, task.Value, isGlue);
        return task switch
        {
            EvaluationTask.Tagging => RunTagging(model, arguments, console, cancellationToken),
            EvaluationTask.Answering => RunAnswering(model, arguments, console, cancellationToken),
            EvaluationTask.Choosing => RunChoosing(model, arguments, console, cancellationToken),
            EvaluationTask.Retrieval => RunRetrieval(model, arguments, console, cancellationToken),
            _ when isGlue => RunGlue(model, arguments, console, cancellationToken),
            _ => RunClassification(model, arguments, console, cancellationToken),
        };
    }

    private static EvaluationTask TaskOf(string model, string? head)
    {
        if (!File.Exists(Path.Combine(model, "config.json"))) return EvaluationTask.Classification;
        var configuration = ModelConfiguration.Load(model);
        var architecture = configuration.Architectures.FirstOrDefault() ?? "";
        if (configuration.NamedHeads.FirstOrDefault(known => known.Name == head) is { } named) return TaskOf(named);
        if (configuration.NamedHeads.Count == 1 && !architecture.Contains("For", StringComparison.Ordinal))
            return TaskOf(configuration.NamedHeads[0]);
        return architecture.EndsWith("ForTokenClassification", StringComparison.Ordinal) ? EvaluationTask.Tagging
            : architecture.EndsWith("ForQuestionAnswering", StringComparison.Ordinal) ? EvaluationTask.Answering
            : architecture.EndsWith("ForMultipleChoice", StringComparison.Ordinal) ? EvaluationTask.Choosing
            : EvaluationTask.Classification;
    }

    private static EvaluationTask TaskOf(HeadConfiguration head) => head.Task switch
    {
        HeadTask.TokenClassification => EvaluationTask.Tagging,
        HeadTask.QuestionAnswering => EvaluationTask.Answering,
        _ => EvaluationTask.Classification,
    };

    private ModelOptions Computing(ParseResult arguments) => new()
    {
        Threads = arguments.GetValue(_threads),
        Precision = arguments.GetValue(_precision) ?? Precision.Auto,
    };

    private ReadingOptions Reading(ParseResult arguments) => new()
    {
        MaxLength = arguments.GetValue(_maxLength),
        LongText = arguments.GetValue(_windows) ? LongText.Windows : LongText.Truncate,
    };

    private int RunSimilarity(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        if (arguments.GetValue(_model) is not { } name)
            throw new UsageException("--task similarity needs --model with a model that makes vectors");
        if (arguments.GetValue(_head) is not null)
            throw new UsageException("--head does not go with --task similarity: vectors are the encoder's");
        if (arguments.GetValue(_pair) is null && arguments.GetValue(_glue) is not { Length: > 0 })
            throw new UsageException("--task similarity needs --pair, the column of the second text");
        if (arguments.GetValue(_labels) is { Length: > 0 })
            throw new UsageException("--labels does not go with --task similarity: labels are numbers");
        CheckOptions(arguments, EvaluationTask.Similarity, arguments.GetValue(_glue) is { Length: > 0 });
        var model = ModelArgument.Resolve(name, console, cancellationToken);
        using var embedder = TextEmbedder.Load(model, new TextEmbedderOptions
        {
            Reading = Reading(arguments),
        }, Computing(arguments));
        var sets = arguments.GetValue(_glue) is { Length: > 0 } ? GlueSets(GlueTaskOf(arguments), arguments, console, cancellationToken)
            : arguments.GetValue(_data)!.Select(file => Read(file, arguments, console, cancellationToken)).ToList();
        var result = ProgressBar.Run(console, "evaluating",
            tell => SimilarityEvaluation.Evaluate(embedder, sets, new Progress(tell), cancellationToken));
        return Write(result, model, embedder.MaxLength, arguments, console);
    }

    private int Write(
        EvaluationResult result, string model, int maxLength, ParseResult arguments, ToolConsole console, GlueTask? task = null)
    {
        foreach (var part in result.Parts.Count == 1 ? result.Parts : [.. result.Parts, result.All])
            Write(part, model, maxLength, arguments, console, task);
        return ExitCode.Success;
    }

    private void Write(
        EvaluationPart part, string model, int maxLength, ParseResult arguments, ToolConsole console, GlueTask? task = null)
    {
        if (arguments.GetValue(_json)) WriteJson(part, model, arguments, console, task);
        else WriteText(part, model, maxLength, console.Output, task);
    }

    private LabelList? Labels(ParseResult arguments, TextClassifier classifier)
    {
        var values = LabelValues.Parse(arguments.GetValue(_labels), needsNames: true)
            .ToDictionary(label => label.Value, label => label.Name, StringComparer.Ordinal);
        if (values.Count == 0) return null;
        try
        {
            return new LabelList(classifier.Labels, values);
        }
        catch (ArgumentException exception)
        {
            throw new UsageException($"--labels: {ErrorText.Of(exception)}");
        }
    }

    private EvaluationSet Read(
        string file, ParseResult arguments, ToolConsole console, CancellationToken cancellationToken, bool isTraining = false,
        bool hasLabel = true)
    {
        var options = SharedOptions.Table(
            file, arguments.GetValue(_format), arguments.GetValue(_separator), arguments.GetValue(_noHeader));
        using var reader = InputFile.OpenTable(file, console, options, cancellationToken);
        var text = arguments.GetValue(_text) ?? InputFile.TextColumn(reader);
        var rows = 0;
        var heldOut = hasLabel ? arguments.GetValue(_heldOut) : null;
        var examples = new List<TextExample>();
        foreach (var example in ExampleReader.Read(
            reader, text, arguments.GetValue(_pair), hasLabel ? arguments.GetValue(_label) ?? "label" : null, cancellationToken))
        {
            rows++;
            if (heldOut is null || HashSplit.IsHeldOut(example.Text, heldOut.Value) != isTraining) examples.Add(example);
        }

        if (examples.Count > 0) return new EvaluationSet(reader.Name, examples);
        throw new DataFormatException(reader.Name, null, rows == 0 ? "there is no row to evaluate"
            : string.Create(CultureInfo.InvariantCulture, $"none of its {rows} rows is in the held-out part of {heldOut}"));
    }

    private static void WriteText(EvaluationPart part, string model, int maxLength, TextWriter output, GlueTask? task)
    {
        output.Write(model is "linear" or "BM25" ? $"{part.Name}, {model}\n\n" : $"{part.Name}\n\n");
        if (task is not null) output.Write(string.Create(CultureInfo.InvariantCulture, $"{task} {100 * task.Score(part.Report):F2}\n"));
        part.Report.WriteText(output);
        if (part.Truncated > 0)
            output.Write(string.Create(CultureInfo.InvariantCulture,
                $"\n{part.Truncated} of them were cut to {maxLength} tokens; --windows reads all of a text\n"));
        output.Write('\n');
    }

    private void WriteJson(EvaluationPart part, string model, ParseResult arguments, ToolConsole console, GlueTask? task)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json)) part.Report.WriteJson(writer);
        var line = new JsonObject
        {
            ["data"] = part.Name,
            ["model"] = model,
            ["held_out"] = arguments.GetValue(_heldOut),
            ["windows"] = arguments.GetValue(_windows),
            ["truncated"] = part.Truncated,
        };
        if (task is not null)
        {
            var score = task.Score(part.Report);
            (line["task"], line["score"]) = (task.Name, double.IsFinite(score) ? score : null);
        }

        foreach (var (name, value) in JsonNode.Parse(json.WrittenSpan)!.AsObject()) line[name] = value?.DeepClone();
        console.WriteJson(line);
    }

    private sealed class Progress(Action<double> tell) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => tell((double)value.Done / value.Total);
    }
}
