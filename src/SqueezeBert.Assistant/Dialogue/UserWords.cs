using SqueezeBert.Assistant.Definitions;

namespace SqueezeBert.Assistant.Dialogue;

/// <summary>What a user says about the dialogue itself: yes, no, cancel, a correction, a choice.</summary>
internal sealed class UserWords(DialogueWords words)
{
    private static readonly char[] Marks = ['.', ',', '!', '?', ';', ':', '"', '…'];

    private readonly List<string> _corrections = [.. words.Correction.OrderByDescending(word => word.Length)];

    public bool IsYes(string text) => words.Yes.Contains(Plain(text), StringComparer.Ordinal);

    public bool IsNo(string text) => words.No.Contains(Plain(text), StringComparer.Ordinal);

    public bool IsCancel(string text)
    {
        var plain = Plain(text);
        return words.Cancel.Contains(plain, StringComparer.Ordinal)
            || (plain.StartsWith("no ", StringComparison.Ordinal) && words.Cancel.Contains(plain[3..], StringComparer.Ordinal));
    }

    /// <summary>What stands behind the beginning of a correction ("Tuesday" of "no, Tuesday"); null: it is none.</summary>
    public string? Correction(string text)
    {
        foreach (var beginning in _corrections)
        {
            if (Behind(text, beginning) is { Length: > 0 } rest) return rest;
        }

        return null;
    }

    /// <summary>The number of a choice, from 0: "the first", "2", "b", or its name; null: none.</summary>
    public static int? Choice(string text, IReadOnlyList<string> names)
    {
        var plain = Plain(text);
        string[][] numbers =
        [
            ["1", "a", "one", "first", "the first", "the first one"],
            ["2", "b", "two", "second", "the second", "the second one", "the other one"],
        ];
        for (var i = 0; i < Math.Min(numbers.Length, names.Count); i++)
        {
            if (numbers[i].Contains(plain, StringComparer.Ordinal)) return i;
        }

        var named = names.Index().Where(name => Plain(name.Item) == plain).Select(name => name.Index).ToList();
        return named.Count == 1 ? named[0] : null;
    }

    /// <summary>In lower case, words with single spaces, no punctuation.</summary>
    public static string Plain(string text)
    {
        var kept = text.ToLowerInvariant().Replace('’', '\'');
        foreach (var mark in Marks) kept = kept.Replace(mark, ' ');
        return string.Join(' ', kept.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    // The text behind words that it begins with, whatever stands between them.
    private static string? Behind(string text, string words)
    {
        var place = 0;
        foreach (var word in words.Split(' '))
        {
            while (place < text.Length && (char.IsWhiteSpace(text[place]) || Marks.Contains(text[place]))) place++;
            if (place + word.Length > text.Length
                || !text.AsSpan(place, word.Length).Equals(word, StringComparison.OrdinalIgnoreCase)) return null;
            place += word.Length;
            if (place < text.Length && (char.IsLetterOrDigit(text[place]) || text[place] == '\'')) return null;
        }

        return text[place..].Trim([' ', '\t', .. Marks]);
    }
}
