namespace SqueezeBert.Assistant.Analysis;

/// <summary>
/// The words of a text, as the slots of a training are tagged and those of a text are read: what stands between white space, with the
/// punctuation before and behind it apart.
/// </summary>
internal static class WordSplitter
{
    /// <summary>Where each word begins and ends.</summary>
    public static List<(int Start, int End)> Split(string text)
    {
        var words = new List<(int, int)>();
        for (var i = 0; i < text.Length;)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }

            var end = i;
            while (end < text.Length && !char.IsWhiteSpace(text[end])) end++;
            var (first, last) = (i, end);
            while (first < last && IsMark(text[first])) words.Add((first, ++first));
            while (last > first && IsMark(text[last - 1])) last--;
            if (last > first) words.Add((first, last));
            for (; last < end; last++) words.Add((last, last + 1));
            i = end;
        }

        return words;
    }

    private static bool IsMark(char c) => c is '.' or ',' or '!' or '?' or ';' or ':' or '"' or '(' or ')' or '[' or ']' or '“' or '”';
}
