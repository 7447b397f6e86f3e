using SqueezeBert.Cli.Terminal;

namespace SqueezeBert.Cli.Training;

/// <summary>The display that suits where standard error goes.</summary>
internal static class TrainingDisplay
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(30);

    public static ITrainingDisplay Of(ToolConsole console, CancellationToken cancellationToken) => console.IsErrorInteractive
        ? new LiveTrainingDisplay(ProgressBar.Terminal(console), cancellationToken)
        : new PlainTrainingDisplay(console.Error, LineInterval);
}
