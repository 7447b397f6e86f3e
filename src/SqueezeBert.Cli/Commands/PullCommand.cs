using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using SqueezeBert.Hub;

namespace SqueezeBert.Cli.Commands;

/// <summary>Fetches a model of the hub into the cache that the hub's own tools use, and prints its folder.</summary>
internal sealed class PullCommand : ToolCommand
{
    private readonly Argument<string> _model = new("MODEL") { Description = "owner/name, or owner/name@revision (a branch, a tag or a commit)." };

    public PullCommand()
        : base("pull", "Fetches a model from the Hugging Face hub and prints the folder it is in.") => Add(_model);

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert pull squeezebert/squeezebert-mnli",
        "squeezebert pull sentence-transformers/all-MiniLM-L6-v2@main",
        "HF_HUB_OFFLINE=1 squeezebert pull squeezebert/squeezebert-mnli  # where is the copy in the cache?",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        if (!ModelReference.TryParse(arguments.GetValue(_model), out var model))
            throw new UsageException($"'{arguments.GetValue(_model)}' is not the name of a model; give owner/name or owner/name@revision");
        using var hub = new ModelHub();
        var folder = console.IsErrorInteractive ? WithBars(hub, model, console, cancellationToken) : WithLines(hub, model, console, cancellationToken);
        console.Output.WriteLine(folder);
        return Tool.Success;
    }

    private static string WithBars(ModelHub hub, ModelReference model, ToolConsole console, CancellationToken cancellationToken)
    {
        var terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(console.Error) });
        return terminal.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                var bars = new Dictionary<string, ProgressTask>(StringComparer.Ordinal);
                return Download(hub, model, new Teller(progress =>
                {
                    if (!bars.TryGetValue(progress.File, out var bar)) bars[progress.File] = bar = context.AddTask(Markup.Escape(progress.File));
                    bar.IsIndeterminate = progress.FileSize is null;
                    bar.MaxValue = Math.Max(1, progress.FileSize ?? progress.FileBytes);
                    bar.Value = progress.IsComplete ? bar.MaxValue : progress.FileBytes;
                }), cancellationToken);
            });
    }

    private static string WithLines(ModelHub hub, ModelReference model, ToolConsole console, CancellationToken cancellationToken) => Download(
        hub,
        model,
        new Teller(progress =>
        {
            if (progress.IsComplete) console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{progress.File}: {progress.FileBytes:N0} bytes"));
        }),
        cancellationToken);

    private static string Download(ModelHub hub, ModelReference model, Teller report, CancellationToken cancellationToken) =>
        hub.DownloadAsync(model, report, cancellationToken).GetAwaiter().GetResult();

    /// <summary>Tells at once and on the same thread; <see cref="Progress{T}"/> would queue.</summary>
    private sealed class Teller(Action<DownloadProgress> tell) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => tell(value);
    }
}
