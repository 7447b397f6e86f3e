using System.CommandLine;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Pages;
using SqueezeBert.Cli.Reports;
using SqueezeBert.Cli.Slices;
using SqueezeBert.Cli.Tasks;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Inference;
using SqueezeBert.Measuring;

namespace SqueezeBert.Cli.Commands;

/// <summary>Sets what models reach on tasks beside what they cost.</summary>
internal sealed class ReportCommand : ToolCommand
{
    private readonly Argument<string[]> _models = new("MODEL")
    {
        Description = "Folders of models, or hf:owner/name; the others are compared with the first, slice by slice.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _tasks = new("--tasks")
    {
        HelpName = "DIR",
        Description = "The folder of the tasks: GLUE's folders, SQuAD's dev-*.json, valid.txt in CoNLL's columns, folders of BEIR. A " +
            "model with several heads is measured by the head that is called like the task.",
        Required = true,
    };

    private readonly Option<int?> _threads = SharedOptions.Threads();
    private readonly Option<double?> _seconds = SharedOptions.Seconds(
        "--seconds", "Seconds to spend on the time of each model and length of text. Without it: 1.");
    private readonly Option<string?> _html = SharedOptions.Text(
        "--html", "FILE", "Write a page with plots as well, which needs no other file.");
    private readonly Option<bool> _json = SharedOptions.Flag("--json", "Print one JSON object a model instead of Markdown.");

    public ReportCommand()
        : base("report", "Measures models on the tasks of a folder, beside size, work and time, and what goes without a network.")
    {
        Add(_models);
        AddAll(_tasks, _threads, _seconds, _html, _json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert report my-model other-model --tasks glue > report.md",
        "squeezebert report bert-base squeezebert --tasks glue --html report.html",
        "squeezebert report my-model --tasks glue --json --threads 1",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        // What can fail soon fails before minutes of measuring.
        if (arguments.GetValue(_html) is { } file) ReportPage.CheckFile(file);
        var tasks = TaskFolder.Find(arguments.GetValue(_tasks)!);
        var names = arguments.GetValue(_models)!;
        IReadOnlyList<string> folders = [.. names.Select(name => ModelArgument.Resolve(name, console, cancellationToken))];
        IReadOnlyList<LearningCurve?> curves =
            [.. folders.Select(folder => arguments.GetValue(_html) is null ? null : LearningCurve.Read(folder))];
        var options = new EngineOptions { Threads = arguments.GetValue(_threads) };
        var budget = TimeSpan.FromSeconds(arguments.GetValue(_seconds) ?? 1);
        var costs = ProgressBar.Run(
            console, "timing", progress => ModelComparison.Run(folders, options, budget, progress, cancellationToken));
        var content = ProgressBar.Run(console, "measuring", progress => Measure(
            tasks, folders, [.. costs.Zip(names, (cost, name) => cost with { Path = name })], curves, options.Threads, progress,
            cancellationToken));
        var report = new TaskReport(content);
        if (arguments.GetValue(_html) is { } page) ReportPage.Write(page, content);
        if (!arguments.GetValue(_json))
        {
            report.WriteMarkdown(console.Output);
            return ExitCode.Success;
        }

        foreach (var json in report.Json()) console.WriteJson(json);
        return ExitCode.Success;
    }

    private static ReportContent Measure(
        IReadOnlyList<ReportTask> tasks, IReadOnlyList<string> folders, IReadOnlyList<ModelMeasurement> costs,
        IReadOnlyList<LearningCurve?> curves, int? threads, Action<double> progress, CancellationToken cancellationToken)
    {
        var (done, total) = (0, tasks.Count * (folders.Count + 1.0));
        var options = new ModelOptions { Threads = threads };
        var models = folders.Select((folder, number) =>
        {
            using var model = InferenceModel.Load(folder, options);
            return new ReportedModel(costs[number], Results(task => task.Measure(model, cancellationToken)), curves[number]);
        }).ToList();
        var baselines = tasks.Select(task => task.BaselineName).OfType<string>().Distinct()
            .Select(name => new ReportedBaseline(
                name, Results(task => task.BaselineName == name ? task.MeasureBaseline(cancellationToken) : null)))
            .Where(baseline => baseline.Results.Any(result => result is not null)).ToList();
        return new ReportContent(
            [.. tasks.Select(task => new ReportedTask(task.Name, task.Figure))], models, baselines,
            SliceReport.All(tasks, [.. models.Select(model => model.Results)], Vocabulary, cancellationToken));

        RareWords Vocabulary()
        {
            using var model = InferenceModel.Load(folders[0], options);
            return RareWords.ByVocabulary(model.Tokenizer);
        }

        IReadOnlyList<TaskResult?> Results(Func<ReportTask, TaskResult?> measure) => [.. tasks.Select(task =>
        {
            var result = measure(task);
            progress(Math.Min(1, ++done / total));
            return result;
        })];
    }
}
