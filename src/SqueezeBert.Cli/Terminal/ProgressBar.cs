using Spectre.Console;

namespace SqueezeBert.Cli.Terminal;

/// <summary>A bar on standard error while something long is done; nothing where standard error is not a terminal.</summary>
internal static class ProgressBar
{
    /// <summary>Does the work.</summary>
    /// <param name="console">Where the bar is.</param>
    /// <param name="description">What is done.</param>
    /// <param name="work">Given an action that takes the share that is done, 0 to 1.</param>
    public static T Run<T>(ToolConsole console, string description, Func<Action<double>, T> work)
    {
        if (!console.IsErrorInteractive) return work(static _ => { });
        return Terminal(console).Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                var task = context.AddTask(Markup.Escape(description), maxValue: 1);
                return work(share => task.Value = share);
            });
    }

    /// <summary>Standard error as a terminal that may be redrawn. It is said here: the library cannot tell from a writer.</summary>
    public static IAnsiConsole Terminal(ToolConsole console) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(console.Error),
        Ansi = AnsiSupport.Yes,
        Interactive = InteractionSupport.Yes,
    });
}
