using Spectre.Console;

namespace SqueezeBert.Cli.Terminal;

/// <summary>A bar on standard error while something long is done; nothing where standard error is not a terminal.</summary>
internal static class ProgressBar
{
    // Percentage, time left, and the spaces between the columns.
    private const int OtherColumns = 20;
    private const int LeastWidth = 5;
    private const int UsualWidth = 40;

    /// <summary>Does the work.</summary>
    /// <param name="console">Where the bar is.</param>
    /// <param name="description">What is done.</param>
    /// <param name="work">Given an action that takes the share that is done, 0 to 1.</param>
    public static T Run<T>(ToolConsole console, string description, Func<Action<double>, T> work)
    {
        if (!console.IsErrorInteractive) return work(static _ => { });
        var terminal = Terminal(console);
        return terminal.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), Bar(terminal, OtherColumns + description.Length), new PercentageColumn(),
                new RemainingTimeColumn())
            .Start(context =>
            {
                var task = context.AddTask(Markup.Escape(description), maxValue: 1);
                return work(share => task.Value = share);
            });
    }

    /// <summary>Standard error as a terminal that may be redrawn. It is said here: the library cannot tell from a writer.</summary>
    public static IAnsiConsole Terminal(ToolConsole console)
    {
        var terminal = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(console.Error),
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
        });
        terminal.Profile.Capabilities.Unicode = console.IsUnicode;
        if (console.Width is { } width) terminal.Profile.Width = width;
        return terminal;
    }

    /// <summary>The bar itself, as wide as there is room: a line that is longer than the terminal would be drawn over itself.</summary>
    /// <param name="terminal">Where it is.</param>
    /// <param name="others">Columns of the terminal that the rest of the line takes.</param>
    public static ProgressBarColumn Bar(IAnsiConsole terminal, int others) =>
        new() { Width = Math.Clamp(terminal.Profile.Width - others, LeastWidth, UsualWidth) };
}
