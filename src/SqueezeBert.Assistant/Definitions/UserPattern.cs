using System.Globalization;
using System.Text.RegularExpressions;

namespace SqueezeBert.Assistant.Definitions;

/// <summary>
/// Regular expressions of a user's file: they run in a time that grows with the text alone (no backtracking), and are bounded besides.
/// </summary>
internal static class UserPattern
{
    private const int MaxLength = 500;

    // A pattern is compiled to at most so many states.
    private const int MaxRepetitions = 2_000;
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(200);

    /// <summary>Compiles a pattern.</summary>
    /// <exception cref="AssistantFileException">It is malformed, too large, or needs backtracking.</exception>
    public static Regex Compile(string file, int line, string field, string pattern)
    {
        if (pattern.Length > MaxLength)
            throw new AssistantFileException(file, line, field, $"is a pattern of more than {MaxLength} characters");
        if (Repetitions(pattern) > MaxRepetitions) throw new AssistantFileException(
            file, line, field, $"repeats parts more than {MaxRepetitions} times in all; lower the numbers in braces");
        try
        {
            return new Regex(pattern,
                RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
                Timeout);
        }
        catch (NotSupportedException e)
        {
            throw new AssistantFileException(
                file, line, field, "is a pattern with look-around, back references or atomic groups, which are not supported", e);
        }
        catch (ArgumentException e)
        {
            throw new AssistantFileException(file, line, field, $"is no regular expression: {e.Message}", e);
        }
    }

    /// <summary>All that a pattern finds; nothing where it takes too long.</summary>
    public static IReadOnlyList<Match> Matches(Regex pattern, string text)
    {
        try
        {
            return [.. pattern.Matches(text).Where(match => match.Length > 0)];
        }
        catch (RegexMatchTimeoutException)
        {
            return [];
        }
    }

    // The product of the numbers in braces, which groups within groups multiply.
    private static double Repetitions(string pattern)
    {
        var product = 1.0;
        foreach (Match match in Regex.Matches(pattern, @"\{(\d{1,9})(?:,(\d{0,9}))?\}", RegexOptions.NonBacktracking))
        {
            var most = match.Groups[2].Length > 0 ? match.Groups[2] : match.Groups[1];
            product *= Math.Max(1, double.Parse(most.Value, CultureInfo.InvariantCulture));
        }

        return product;
    }
}
