using SqueezeBert.Assistant.Definitions;

namespace SqueezeBert.Assistant.Analysis;

/// <summary>Finds the values of lists and what patterns match, for slots that the model did not find.</summary>
internal static class ListFinder
{
    private const int MaxWords = 12;

    /// <summary>What an entity's list or patterns find in a text, the longest first where two begin at one word.</summary>
    public static IEnumerable<SlotMatch> Find(string text, string slot, EntityDefinition entity)
    {
        if (entity.Lookup.Count > 0)
        {
            foreach (var match in FindWords(text, slot, entity)) yield return match;
        }

        foreach (var pattern in entity.Patterns)
        {
            foreach (var match in UserPattern.Matches(pattern, text))
                yield return Match(text, slot, match.Index, match.Index + match.Length, SlotSource.Pattern);
        }
    }

    private static IEnumerable<SlotMatch> FindWords(string text, string slot, EntityDefinition entity)
    {
        var words = WordSplitter.Split(text);
        for (var first = 0; first < words.Count; first++)
        {
            for (var last = Math.Min(words.Count, first + MaxWords) - 1; last >= first; last--)
            {
                var (start, end) = (words[first].Start, words[last].End);
                if (!entity.Lookup.ContainsKey(DefinitionReader.Key(text[start..end]))) continue;
                yield return Match(text, slot, start, end, SlotSource.List);
                first = last;
                break;
            }
        }
    }

    private static SlotMatch Match(string text, string slot, int start, int end, SlotSource source) => new()
    {
        Slot = slot,
        Text = text[start..end],
        Start = start,
        End = end,
        Confidence = 1,
        Margin = 1,
        Source = source,
    };
}
