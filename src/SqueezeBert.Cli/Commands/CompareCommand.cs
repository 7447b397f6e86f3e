using System.CommandLine;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Reports;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Inference;
using SqueezeBert.Measuring;

namespace SqueezeBert.Cli.Commands;

/// <summary>Sets models side by side: size, work, time and memory on this machine.</summary>
internal sealed class CompareCommand : ToolCommand
{
    private readonly Argument<string[]> _models = new("MODEL")
    {
        Description =
        "Folders of models, or hf:owner/name. All are in memory at the same time.",
        Arity = ArgumentArity.OneOrMore
    };
    private readonly Option<int?> _threads = SharedOptions.Threads();
    private readonly Option<Precision?> _precision = SharedOptions.ModelPrecision();
    private readonly Option<double?> _seconds = SharedOptions.Seconds(
        "--seconds", "Seconds to spend on each model and length of text. Without it: 1.");
    private readonly Option<bool> _markdown = SharedOptions.Flag("--markdown", "Print a Markdown table.");
    private readonly Option<bool> _json = SharedOptions.Flag("--json", "Print one JSON object a model.");

    public CompareCommand()
        : base("compare", "Measures models side by side: parameters, size, floating-point operations, load time, time per text, memory.")
    {
        Add(_models);
        AddAll(_threads, _precision, _seconds, _markdown, _json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert compare squeezebert-base bert-base mobilebert",
        "squeezebert compare my-model other-model --threads 1 --markdown",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        if (arguments.GetValue(_markdown) && arguments.GetValue(_json))
            throw new UsageException("--markdown and --json exclude each other");
        var options = new EngineOptions
        {
            Threads = arguments.GetValue(_threads),
            Weights = Precisions.FormatOf(arguments.GetValue(_precision) ?? Precision.Auto),
        };
        var budget = TimeSpan.FromSeconds(arguments.GetValue(_seconds) ?? 1);
        var names = arguments.GetValue(_models)!;
        IReadOnlyList<string> folders = [.. names.Select(name => ModelArgument.Resolve(name, console, cancellationToken))];
        var measured = ProgressBar.Run(
            console, "measuring", progress => ModelComparison.Run(folders, options, budget, progress, cancellationToken));
        var measurements = measured.Zip(names, (measurement, name) => measurement with { Path = name }).ToList();
        if (arguments.GetValue(_json)) foreach (var measurement in measurements) console.WriteJson(ComparisonReport.Json(measurement));
        else if (arguments.GetValue(_markdown)) ComparisonReport.WriteMarkdown(console.Output, measurements);
        else ComparisonReport.WriteTable(console.Output, measurements);
        return ExitCode.Success;
    }
}
