namespace SqueezeBert.Cli.Slices;

/// <summary>Words as slices count them: runs of letters and digits in lower case, apostrophes inside of a word with it.</summary>
internal static class TextWords
{
    private static readonly HashSet<string> Negations =
    [
        "not", "no", "never", "none", "nobody", "nothing", "nowhere", "neither", "nor", "without", "cannot", "n't",
    ];

    /// <summary>The words in their order.</summary>
    public static IEnumerable<string> Of(string text)
    {
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            var isInside = i < text.Length && (char.IsLetterOrDigit(text[i]) || IsApostrophe(text, i));
            if (isInside && start < 0) start = i;
            if (isInside || start < 0) continue;
            yield return text[start..i].ToLowerInvariant().Replace('\u2019', '\'');
            start = -1;
        }
    }

    /// <summary>Whether a word negates in English. GLUE's older files have "does n't" for "doesn't".</summary>
    public static bool IsNegation(string word) => Negations.Contains(word) || word.EndsWith("n't", StringComparison.Ordinal);

    private static bool IsApostrophe(string text, int i) =>
        text[i] is '\'' or '\u2019' && i > 0 && i + 1 < text.Length && char.IsLetter(text[i - 1]) && char.IsLetter(text[i + 1]);
}
