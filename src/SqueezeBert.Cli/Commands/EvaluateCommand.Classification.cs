using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Evaluation;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Serving;

namespace SqueezeBert.Cli.Commands;

/// <content>Labels of texts: tables and GLUE, with what stands beside them.</content>
internal sealed partial class EvaluateCommand
{
    private const double DefaultFalseRefusals = 0.05;

    private int RunClassification(string model, ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        using var classifier = LoadClassifier(model, arguments);
        var labels = Labels(arguments, classifier);
        var sets = arguments.GetValue(_data)!.Select(file => Read(file, arguments, console, cancellationToken)).ToList();
        var training = arguments.GetValue(_baseline)!.Select(file => Read(file, arguments, console, cancellationToken, isTraining: true))
            .ToList();
        if (training.Count == 0 && arguments.GetResult(_baseline) is { Implicit: false })
            throw new UsageException("--baseline needs the training files that a linear model can learn from");
        var outside = arguments.GetValue(_outOfScope) is { } file ? ReadOutOfScope(file, classifier, arguments, console, cancellationToken)
            : null;
        if (labels is null) WarnOfNumbers(classifier, sets, console);
        var code = Classify(classifier, model, labels, sets, training, null, arguments, console, cancellationToken);
        if (outside is not null)
            TellOutOfScope(outside, model, classifier, labels, sets, training, arguments, console, cancellationToken);
        return code;
    }

    /// <summary>
    /// Numbers that do not cover the model's labels probably mean something else: 0 and 1 are negative and positive in most data, and
    /// negative and neutral in a model of three labels.
    /// </summary>
    private static void WarnOfNumbers(TextClassifier classifier, List<EvaluationSet> sets, ToolConsole console)
    {
        if (classifier.ProblemType != ProblemType.SingleLabelClassification
            || classifier.Labels.Index().All(label => label.Item == $"LABEL_{label.Index}")) return;
        var names = new LabelList(classifier.Labels);
        var numbers = sets.SelectMany(set => set.Examples).Select(example => example.Label.Trim()).Distinct(StringComparer.Ordinal)
            .Where(label => !classifier.Labels.Contains(label) && names.TryFind(label, out _)
                && int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Order(StringComparer.Ordinal).ToList();
        if (numbers.Count == 0 || numbers.Count >= classifier.Labels.Count) return;
        var meanings = numbers.Select(label => names.TryFind(label, out var id) ? $"{label} is {names.Names[id]}" : label);
        console.Error.WriteLine(
            $"squeezebert evaluate: labels are read as the model's numbers: {string.Join(", ", meanings)}; if they mean something else, " +
                $"say --labels {string.Join(',', numbers.Select(label => $"{label}=NAME"))}");
    }

    private int RunGlue(string model, ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        if (arguments.GetValue(_outOfScope) is not null) throw new UsageException("--out-of-scope does not go with --glue");
        if (arguments.GetValue(_baseline)!.Length > 0)
            throw new UsageException("--baseline takes no file with --glue: the linear model learns from the task's train.tsv");
        var task = GlueTaskOf(arguments);
        if (!task.HasTraining && (arguments.GetResult(_baseline) is { Implicit: false } || arguments.GetValue(_split) == "train"))
            throw new UsageException($"{task.Name} has no training set");
        using var classifier = LoadClassifier(model, arguments);
        var labels = task.IsRegression ? null : Labels(arguments, classifier) ?? GlueLabels(task, classifier);
        if (task.IsRegression && classifier.Labels.Count != 1)
            throw new UsageException($"{task.Name} needs a model with one output, not {classifier.Labels.Count} labels");
        if (task.IsRegression && arguments.GetResult(_baseline) is { Implicit: false })
            throw new UsageException("--baseline is for labels, not for numbers");
        var others = labels is null ? [] : classifier.Labels.Except(labels.Names).ToList();
        if (others.Count > 0)
            console.Error.WriteLine($"{task.Name} does not have the label {string.Join(", ", others)}, which is left out of the scores");
        var sets = GlueSets(task, arguments, console, cancellationToken);
        var training = arguments.GetResult(_baseline) is { Implicit: false } && labels is not null
            ? GlueReader.Read(task, arguments.GetValue(_glue)![1], GlueSplit.Train, cancellationToken)
                .Select(set => new EvaluationSet(set.File, set.Examples)).ToList()
            : [];
        var code = Classify(classifier, model, labels, sets, training, task, arguments, console, cancellationToken);
        if (arguments.GetValue(_submission) is { } zip)
            Submit(zip, task, classifier, labels, arguments.GetValue(_glue)![1], console, cancellationToken);
        return code;
    }

    private int Classify(
        TextClassifier classifier, string model, LabelList? labels, List<EvaluationSet> sets, List<EvaluationSet> training, GlueTask? task,
        ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var refusal = arguments.GetValue(_outOfScope) is null ? arguments.GetValue(_refusal) : null;
        if (refusal is not null) CheckRefusal(refusal, classifier);
        var answers = arguments.GetValue(_calibrate) || refusal is not null ? new List<Classification>() : null;
        if (arguments.GetValue(_calibrate) && classifier.ProblemType != ProblemType.SingleLabelClassification)
            throw new UsageException("--calibrate is for models that give a text one label of several");
        if (training.Count > 0 && classifier.ProblemType == ProblemType.Regression)
            throw new UsageException("--baseline is for labels, not for numbers");
        var result = ProgressBar.Run(console, "evaluating",
            tell => ClassifierEvaluation.Evaluate(classifier, sets, labels, new Progress(tell), answers, cancellationToken));
        Write(result, model, classifier.MaxLength, arguments, console, task);
        var names = labels ?? (classifier.ProblemType == ProblemType.Regression ? null : new LabelList(classifier.Labels));
        if (arguments.GetValue(_calibrate)) Calibrate(answers!, names!, classifier.Labels, sets, model, arguments, console);
        if (refusal is not null)
        {
            Write(new EvaluationPart($"refusals by '{refusal}'", RefusalReport.Of(
                answers!, [.. from set in sets
                              from example in set.Examples
                              select names!.Names[names.Find(example with { Label = example.Label.Trim() }, set.Name)]],
                refusal), 0), model, classifier.MaxLength, arguments, console);
        }

        if (training.Count > 0)
        {
            var isMultiLabel = classifier.ProblemType == ProblemType.MultiLabelClassification;
            var baseline = LinearTextClassifier.Train(
                from set in training
                from example in set.Examples
                select (example.Text, example.Pair, isMultiLabel ? names!.FindAll(example, set.Name)
                    : (IReadOnlyList<int>)[names!.Find(example with { Label = example.Label.Trim() }, set.Name)]),
                names!.Names.Count, isMultiLabel, cancellationToken);
            Write(ClassifierEvaluation.EvaluateBaseline(baseline, sets, names, isMultiLabel, cancellationToken), "linear",
                classifier.MaxLength, arguments, console, task);
        }

        return ExitCode.Success;
    }

    private TextClassifier LoadClassifier(string model, ParseResult arguments) => TextClassifier.Load(
        model, new TextClassifierOptions { Reading = Reading(arguments), Head = arguments.GetValue(_head) },
        Computing(arguments));

    private GlueTask GlueTaskOf(ParseResult arguments) => GlueTask.TryFind(arguments.GetValue(_glue)![0], out var task) ? task
        : throw new UsageException(
            $"--glue knows no task '{arguments.GetValue(_glue)![0]}'; tasks: {string.Join(", ", GlueTask.All.Select(one => one.Name))}");

    private static LabelList GlueLabels(GlueTask task, TextClassifier classifier)
    {
        try
        {
            return task.LabelsOf(classifier.Labels);
        }
        catch (ArgumentException exception)
        {
            throw new UsageException(ErrorText.Of(exception));
        }
    }

    private List<EvaluationSet> GlueSets(
        GlueTask task, ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var split = arguments.GetValue(_split) switch
        {
            null or "dev" => GlueSplit.Dev,
            "train" => GlueSplit.Train,
            var other => throw new UsageException($"--split is dev or train with --glue, not '{other}'; --submission reads the test set"),
        };
        var sets = GlueReader.Read(task, arguments.GetValue(_glue)![1], split, cancellationToken);
        foreach (var set in sets.Where(set => set.SkippedLines.Count > 0))
        {
            console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{set.File}: left out {set.SkippedLines.Count} broken or unlabelled rows, the first on line {set.SkippedLines[0]}"));
        }

        return [.. sets.Select(set => new EvaluationSet(set.File, set.Examples))];
    }

    private static void Submit(
        string zip, GlueTask task, TextClassifier classifier, LabelList? labels, string folder, ToolConsole console,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<string> missing = [];
        foreach (var set in GlueReader.Read(task, folder, GlueSplit.Test, cancellationToken))
        {
            var answers = classifier.ClassifyStream(
                set.Examples.Select(example => new TextPair(example.Text, example.Pair)), cancellationToken: cancellationToken);
            missing = GlueSubmission.Put(zip, set.Name, [.. answers.Select(Text)]);
        }

        console.Error.WriteLine(missing.Count == 0 ? $"{zip} is complete"
            : $"{zip}: the leaderboard also wants {string.Join(", ", missing)}");

        string Text(Classification answer) => labels is null ? GlueSubmission.Text(answer.Score)
            : task.Values.First(value => labels.TryFind(value, out var id) && labels.Names[id] == labels.BestOf(answer));
    }

    // The temperature is that of all labels of the model, also of those that the data do not have.
    private void Calibrate(
        List<Classification> answers, LabelList labels, IReadOnlyList<string> all, List<EvaluationSet> sets, string model,
        ParseResult arguments, ToolConsole console)
    {
        if (answers.Count < 2) throw new UsageException("--calibrate needs two texts at least");
        List<int> ids = [.. from set in sets
                            from example in set.Examples
                            let id = labels.Find(example with { Label = example.Label.Trim() }, set.Name)
                            select all.Index().First(label => label.Item == labels.Names[id]).Index];
        var result = ClassifierCalibration.Fit(answers, ids, all);
        if (arguments.GetValue(_json))
        {
            var json = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(json)) result.WriteJson(writer);
            console.WriteJson(new JsonObject { ["model"] = model, ["calibration"] = JsonNode.Parse(json.WrittenSpan) });
        }
        else
        {
            console.Output.Write("calibration\n\n");
            result.WriteText(console.Output);
            console.Output.Write('\n');
        }

        if (!arguments.GetValue(_saveTemperature)) return;
        if (!Directory.Exists(model)) throw new UsageException("--save-temperature needs a model that is a folder");
        var configuration = ModelConfiguration.Load(model);
        var head = HeadChoice.Find(configuration, ModelHead.SequenceClassification, arguments.GetValue(_head), model);
        var temperature = Math.Clamp(
            (configuration.For(head).CalibrationTemperature ?? 1) * result.Temperature, TemperatureScaling.Lowest,
            TemperatureScaling.Highest);
        (head is null ? configuration with { CalibrationTemperature = temperature } : configuration with
        {
            NamedHeads = [.. configuration.NamedHeads.Select(known =>
                known == head ? known with { CalibrationTemperature = temperature } : known)],
        }).Save(model);
    }

    private static void CheckRefusal(string refusal, TextClassifier classifier)
    {
        if (classifier.ProblemType != ProblemType.SingleLabelClassification)
            throw new UsageException("--refusal is for models that give a text one label of several");
        if (!classifier.Labels.Contains(refusal)) throw new UsageException($"--refusal: the model has no label '{refusal}'");
    }

    private EvaluationSet ReadOutOfScope(
        string file, TextClassifier classifier, ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        if (arguments.GetValue(_pair) is not null) throw new UsageException("--out-of-scope does not go with --pair");
        if (arguments.GetValue(_refusal) is { } refusal) CheckRefusal(refusal, classifier);
        return classifier.ProblemType == ProblemType.SingleLabelClassification
            ? Read(file, arguments, console, cancellationToken, hasLabel: false)
            : throw new UsageException("--out-of-scope is for models that give a text one label of several");
    }

    private void TellOutOfScope(
        EvaluationSet outside, string model, TextClassifier classifier, LabelList? labels, List<EvaluationSet> sets,
        List<EvaluationSet> training, ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var names = labels ?? new LabelList(classifier.Labels);
        var refusal = arguments.GetValue(_refusal);
        using var loaded = InferenceModel.Load(model, Computing(arguments));
        var report = OutOfScopeEvaluation.Evaluate(
            loaded, [.. from set in sets
                        from example in set.Examples
                        where refusal is null || names.Names[names.Find(example with { Label = example.Label.Trim() }, set.Name)] != refusal
                        select example.Text],
            [.. outside.Examples.Select(example => example.Text)],
            training.Count == 0 ? null
                : [.. from set in training
                      from example in set.Examples
                      select (example.Text, names.Find(example with { Label = example.Label.Trim() }, set.Name))],
            arguments.GetValue(_falseRefusals) ?? DefaultFalseRefusals, Reading(arguments), arguments.GetValue(_head),
            refusal, cancellationToken);
        Write(new EvaluationPart(outside.Name, report, 0), model, classifier.MaxLength, arguments, console);
    }
}
