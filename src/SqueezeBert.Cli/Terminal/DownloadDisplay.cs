using System.Globalization;
using Spectre.Console;
using SqueezeBert.Hub;

namespace SqueezeBert.Cli.Terminal;

/// <summary>Shows a download on standard error: bars on a terminal, else a line for each file that is there.</summary>
internal sealed class DownloadDisplay(ToolConsole console)
{
    // Name, percentage, bytes, speed and time left.
    private const int OtherColumns = 80;
    private volatile IAnsiConsole? _bars;

    /// <summary>The hub as the environment says, whose waits are shown here.</summary>
    public ModelHub OpenHub() => new(HubOptions.FromEnvironment() with { Notice = Tell });

    /// <summary>Runs a download and waits for it; what it throws goes through.</summary>
    public T Run<T>(Func<IProgress<DownloadProgress>, Task<T>> download)
    {
        if (console.IsErrorInteractive) return WithBars(download);
        return download(new Teller(progress =>
        {
            if (progress.IsComplete)
                console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{progress.File}: {progress.FileBytes:N0} bytes"));
        })).GetAwaiter().GetResult();
    }

    private void Tell(string notice)
    {
        // Above the bars, which are drawn again.
        if (_bars is { } bars) bars.WriteLine(notice);
        else console.Error.WriteLine(notice);
    }

    private T WithBars<T>(Func<IProgress<DownloadProgress>, Task<T>> download)
    {
        var terminal = ProgressBar.Terminal(console);
        _bars = terminal;
        return terminal.Progress().Columns(Columns(terminal)).Start(context =>
        {
            var bars = new Dictionary<string, ProgressTask>(StringComparer.Ordinal);
            return download(new Teller(progress =>
            {
                if (!bars.TryGetValue(progress.File, out var bar))
                    bars[progress.File] = bar = context.AddTask(Markup.Escape(progress.File));
                bar.IsIndeterminate = progress.FileSize is null;
                bar.MaxValue = Math.Max(1, progress.FileSize ?? progress.FileBytes);
                bar.Value = progress.IsComplete ? bar.MaxValue : progress.FileBytes;
            })).GetAwaiter().GetResult();
        });
    }

    // A narrow terminal has a bar with what says most.
    private static ProgressColumn[] Columns(IAnsiConsole terminal) => terminal.Profile.Width < OtherColumns
        ? [new TaskDescriptionColumn(), new PercentageColumn(), new DownloadedColumn()]
        : [new TaskDescriptionColumn(), ProgressBar.Bar(terminal, OtherColumns), new PercentageColumn(), new DownloadedColumn(),
            new TransferSpeedColumn(), new RemainingTimeColumn()];

    /// <summary>Tells at once and on the same thread; <see cref="Progress{T}"/> would queue.</summary>
    private sealed class Teller(Action<DownloadProgress> tell) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => tell(value);
    }
}
