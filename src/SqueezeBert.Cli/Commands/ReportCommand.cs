using System.CommandLine;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Reports;
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
        Description = "Folders of models, or hf:owner/name.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _tasks = new("--tasks")
    {
        HelpName = "DIR",
        Description = "The folder of the tasks: GLUE's folders, SQuAD's dev-*.json, valid.txt in CoNLL's columns, folders of BEIR.",
        Required = true,
    };

    private readonly Option<int?> _threads = SharedOptions.Threads();
    private readonly Option<double?> _seconds = SharedOptions.Seconds(
        "--seconds", "Seconds to spend on the time of each model and length of text. Without it: 1.");
    private readonly Option<bool> _json = SharedOptions.Flag("--json", "Print one JSON object a model instead of a Markdown table.");

    public ReportCommand()
        : base("report", "Measures models on the tasks of a folder, beside size, work and time, and what goes without a network.")
    {
        Add(_models);
        AddAll(_tasks, _threads, _seconds, _json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert report my-model other-model --tasks glue > report.md",
        "squeezebert report my-model --tasks glue --json --threads 1",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var tasks = TaskFolder.Find(arguments.GetValue(_tasks)!);
        var names = arguments.GetValue(_models)!;
        IReadOnlyList<string> folders = [.. names.Select(name => ModelArgument.Resolve(name, console, cancellationToken))];
        var threads = arguments.GetValue(_threads);
        var budget = TimeSpan.FromSeconds(arguments.GetValue(_seconds) ?? 1);
        var costs = ProgressBar.Run(console, "timing", progress => ModelComparison.Run(
            folders, new EngineOptions { Threads = threads }, budget, progress, cancellationToken));
        var (done, total) = (0, tasks.Count * (folders.Count + 1.0));
        var (models, baselines) = ProgressBar.Run(console, "measuring", progress =>
        {
            var models = folders.Select((folder, number) =>
            {
                using var model = InferenceModel.Load(folder, new ModelOptions { Threads = threads });
                return (costs[number] with { Path = names[number] }, Scores(task => task.Measure(model, cancellationToken)));
            }).ToList();
            var baselines = tasks.Select(task => task.BaselineName).OfType<string>().Distinct()
                .Select(name => (name, Scores(
                    task => task.BaselineName == name ? task.MeasureBaseline(cancellationToken) : null)))
                .Where(baseline => baseline.Item2.Any(score => score is not null)).ToList();
            return (models, baselines);

            IReadOnlyList<double?> Scores(Func<ReportTask, double?> measure) => [.. tasks.Select(task =>
            {
                var score = measure(task);
                progress(Math.Min(1, ++done / total));
                return score;
            })];
        });

        var report = new TaskReport([.. tasks.Select(task => (task.Name, task.Figure))]);
        if (!arguments.GetValue(_json))
        {
            report.WriteMarkdown(console.Output, models, baselines);
            return ExitCode.Success;
        }

        foreach (var (cost, scores) in models) console.WriteJson(report.Json(cost, scores));
        foreach (var (name, scores) in baselines) console.WriteJson(report.Json(name, scores));
        return ExitCode.Success;
    }
}
