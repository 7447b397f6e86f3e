using System.CommandLine;

namespace SqueezeBert.Cli.CommandLine;

/// <summary>The option --labels: what the values of a label column mean.</summary>
internal static class LabelValues
{
    /// <summary>--labels VALUE=NAME,…</summary>
    public static Option<string[]> Option(string description) => new("--labels")
    {
        HelpName = "VALUE=NAME,…",
        Description = description,
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>The values and their names, in the order of the command line.</summary>
    /// <param name="texts">What the option was given.</param>
    /// <param name="needsNames">Whether a value alone, which is its own name, is refused.</param>
    /// <exception cref="UsageException">A pair is malformed, or a value is there twice.</exception>
    public static IReadOnlyList<(string Value, string Name)> Parse(string[]? texts, bool needsNames)
    {
        var pairs = new List<(string Value, string Name)>();
        foreach (var text in (texts ?? []).SelectMany(text => text.Split(',', StringSplitOptions.TrimEntries)))
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            var (value, name) = equals < 0 ? (text, needsNames ? "" : text) : (text[..equals].Trim(), text[(equals + 1)..].Trim());
            if (value.Length == 0 || name.Length == 0) throw new UsageException($"--labels takes VALUE=NAME,…, not '{text}'");
            if (pairs.Any(pair => pair.Value == value)) throw new UsageException($"--labels names '{value}' twice");
            pairs.Add((value, name));
        }

        return pairs;
    }
}
