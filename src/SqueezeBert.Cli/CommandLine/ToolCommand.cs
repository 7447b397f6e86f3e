using System.CommandLine;
using SqueezeBert.Cli.Terminal;

namespace SqueezeBert.Cli.CommandLine;

/// <summary>A command of the tool: its arguments, what it does, examples for its help.</summary>
internal abstract class ToolCommand(string name, string description) : Command(name, description)
{
    /// <summary>Shown under the command's help: a command line each, a comment after two spaces and '#'.</summary>
    public abstract IReadOnlyList<string> Examples { get; }

    /// <summary>The words behind "squeezebert" that call it: its name, behind that of the command that it is a part of.</summary>
    public string FullName => Parents.OfType<ToolCommand>().FirstOrDefault() is { } whole ? $"{whole.Name} {Name}" : Name;

    /// <summary>--trust-links FOLDER, of every command that reads a model.</summary>
    public Option<string[]> TrustLinks { get; } = new("--trust-links")
    {
        HelpName = "FOLDER",
        Description = "A folder outside of the model's own to which its links may lead. May be given several times.",
    };

    /// <summary>Does the work.</summary>
    /// <returns>0, or 1 when something failed that the command has already told on <see cref="ToolConsole.Error"/>.</returns>
    /// <exception cref="UsageException">The arguments do not fit together.</exception>
    public abstract int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken);

    /// <summary>Adds options in the order of the help.</summary>
    protected void AddAll(params IEnumerable<Option> options)
    {
        foreach (var option in options) Add(option);
    }
}
