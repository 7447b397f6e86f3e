using System.Globalization;
using Spectre.Console;
using SqueezeBert.Hub;

namespace SqueezeBert.Cli.Terminal;

/// <summary>Shows a download on standard error: bars on a terminal, else a line for each file that is there.</summary>
internal static class DownloadDisplay
{
    /// <summary>Runs a download and waits for it; what it throws goes through.</summary>
    public static T Run<T>(ToolConsole console, Func<IProgress<DownloadProgress>, Task<T>> download)
    {
        if (console.IsErrorInteractive) return WithBars(console, download);
        return download(new Teller(progress =>
        {
            if (progress.IsComplete)
                console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{progress.File}: {progress.FileBytes:N0} bytes"));
        })).GetAwaiter().GetResult();
    }

    private static T WithBars<T>(ToolConsole console, Func<IProgress<DownloadProgress>, Task<T>> download) =>
        ProgressBar.Terminal(console).Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(),
            new TransferSpeedColumn(), new RemainingTimeColumn())
        .Start(context =>
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

    /// <summary>Tells at once and on the same thread; <see cref="Progress{T}"/> would queue.</summary>
    private sealed class Teller(Action<DownloadProgress> tell) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => tell(value);
    }
}
