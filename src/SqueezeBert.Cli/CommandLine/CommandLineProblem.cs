using System.CommandLine;
using System.CommandLine.Parsing;
using SqueezeBert.Files;

namespace SqueezeBert.Cli.CommandLine;

/// <summary>Says in one line what is wrong with a command line.</summary>
internal static class CommandLineProblem
{
    private static readonly string[] Paths = [ModelArgument.HelpName, "FILE", "FILES", "DIR", "FOLDER", "FROM", "TO", "INDEX", "RECIPE"];

    /// <summary>What is wrong, or null.</summary>
    public static string? Of(ParseResult arguments)
    {
        if (MistypedOption(arguments) is { } option)
            return Unknown("option", option, Options(arguments), "; put -- before texts that begin with a dash");
        if (arguments.Errors.Count == 0) return EmptyPath(arguments);
        var command = arguments.CommandResult.Command;
        if (arguments.UnmatchedTokens is not [var token, ..])
            return command is RootCommand ? $"give a command: {string.Join(", ", command.Subcommands.Select(known => known.Name))}"
                : arguments.Errors[0].Message;
        if (token.StartsWith('-')) return Unknown("option", token, Options(arguments), "");
        return command is RootCommand
            ? Unknown("command", token, command.Subcommands.Select(known => known.Name),
                $"; commands: {string.Join(", ", command.Subcommands.Select(known => known.Name))}")
            : $"unexpected argument '{token}'";
    }

    /// <summary>
    /// An option that does not exist and was taken for a text, because the command takes texts: one word with a dash, before any "--".
    /// </summary>
    private static string? MistypedOption(ParseResult arguments)
    {
        var texts = arguments.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
            .ToHashSet(ReferenceEqualityComparer.Instance);
        return arguments.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash)
            .FirstOrDefault(token => texts.Contains(token) && IsOptionLike(token.Value))?.Value;
    }

    /// <summary>A file, a folder or a model that is named with no letter: an unset variable of a shell.</summary>
    private static string? EmptyPath(ParseResult arguments)
    {
        foreach (var child in arguments.CommandResult.Children)
        {
            var (name, kind) = child switch
            {
                OptionResult { Implicit: false } option => (option.Option.Name, option.Option.HelpName),
                ArgumentResult argument => (argument.Argument.Name, argument.Argument.Name),
                _ => ("", null),
            };
            if (kind is not null && Paths.Contains(kind) && child.Tokens.Any(token => token.Value.Length == 0))
                return $"{name} is empty: give the name of {(kind == ModelArgument.HelpName ? "a model" : "a file or a folder")}";
        }

        return null;
    }

    private static IEnumerable<string> Options(ParseResult arguments) =>
        arguments.CommandResult.Command.Options.Where(option => !option.Hidden).Select(option => option.Name);

    private static string Unknown(string kind, string name, IEnumerable<string> known, string otherwise)
    {
        var word = name.Split('=')[0];
        var nearest = NearestNames.Order(word, known).FirstOrDefault();
        return nearest is not null && NearestNames.IsNear(word, nearest)
            ? $"unknown {kind} '{name}'; did you mean '{nearest}'?"
            : $"unknown {kind} '{name}'{otherwise}";
    }

    /// <summary>A dash or two, a letter, then letters, digits and dashes up to the end or a '='.</summary>
    private static bool IsOptionLike(string text)
    {
        var word = text.StartsWith("--", StringComparison.Ordinal) ? text.AsSpan(2) : text.StartsWith('-') ? text.AsSpan(1) : default;
        var end = word.IndexOf('=');
        if (end >= 0) word = word[..end];
        if (word.IsEmpty || !char.IsAsciiLetter(word[0])) return false;
        foreach (var c in word)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')) return false;
        }

        return true;
    }
}
