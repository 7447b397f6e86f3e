namespace SqueezeBert.Evaluation.Data;

/// <summary>
/// Splits a text into sentences. A sentence ends at a '.', '!', '?' or '…', including closing quotes and brackets after it, if white space
/// follows and then an upper-case letter, a digit, an opening quote or a bracket. It does not end at the '.' of an initial ("J. Smith") or
/// of a common abbreviation ("Dr."). Text without such a place is one sentence.
/// </summary>
internal static class SentenceSplitter
{
    private const string Ends = ".!?…";
    private const string Closing = "\"'”’»)]";
    private const string Opening = "\"'“‘«([";

    private static readonly HashSet<string> Abbreviations = new(StringComparer.OrdinalIgnoreCase)
    {
        "mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "rev", "gen", "col", "capt", "lt", "sgt", "hon", "vs", "etc", "e.g", "i.e", "cf",
        "no", "vol", "fig", "approx", "inc", "ltd", "co", "corp", "u.s", "u.k", "a.m", "p.m",
    };

    /// <summary>Returns the sentences in order, without surrounding white space.</summary>
    public static IEnumerable<string> Split(string text)
    {
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (!Ends.Contains(text[i], StringComparison.Ordinal)) continue;
            var end = i + 1;
            while (end < text.Length && (Ends.Contains(text[end], StringComparison.Ordinal)
                || Closing.Contains(text[end], StringComparison.Ordinal))) end++;
            var isEnd = IsBegin(text, end) && !(text[i] == '.' && end == i + 1 && IsAbbreviation(text, start, i));
            i = end - 1;
            if (!isEnd) continue;
            if (text[start..end].Trim() is { Length: > 0 } sentence) yield return sentence;
            start = end;
        }

        if (text[start..].Trim() is { Length: > 0 } rest) yield return rest;
    }

    /// <summary>Returns whether white space follows, and then a character that begins a sentence.</summary>
    private static bool IsBegin(string text, int end)
    {
        var next = end;
        while (next < text.Length && char.IsWhiteSpace(text[next])) next++;
        return next > end && next < text.Length
            && (char.IsUpper(text[next]) || char.IsDigit(text[next]) || Opening.Contains(text[next], StringComparison.Ordinal));
    }

    private static bool IsAbbreviation(string text, int start, int dot)
    {
        var first = dot;
        while (first > start && !char.IsWhiteSpace(text[first - 1]) && !Opening.Contains(text[first - 1], StringComparison.Ordinal))
            first--;
        var word = text[first..dot];
        return (word.Length == 1 && char.IsUpper(word[0])) || Abbreviations.Contains(word);
    }
}
