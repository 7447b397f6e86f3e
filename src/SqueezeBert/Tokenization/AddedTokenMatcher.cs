using System.Buffers;

namespace SqueezeBert.Tokenization;

/// <summary>Finds added tokens in a text: leftmost first, of several at one place the longest.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly SearchValues<char> _firstCharacters;
    private readonly Dictionary<char, (string Pattern, AddedToken Token)[]> _byFirstCharacter;

    /// <summary>Prepares patterns, which may differ from the tokens' contents; none is empty.</summary>
    internal AddedTokenMatcher(IEnumerable<(string Pattern, AddedToken Token)> patterns)
    {
        _byFirstCharacter = patterns.GroupBy(p => p.Pattern[0]).ToDictionary(
            g => g.Key,
            g => g.OrderByDescending(p => p.Pattern.Length).ToArray());
        _firstCharacters = SearchValues.Create(_byFirstCharacter.Keys.ToArray());
    }

    internal bool IsEmpty => _byFirstCharacter.Count == 0;

    /// <summary>
    /// Finds the next token. <paramref name="position"/> is where to look from, and on return where to look from next;
    /// <paramref name="floor"/> is the end of the match before, which stripped white space must not pass.
    /// </summary>
    internal bool Next(ReadOnlySpan<char> text, ref int position, int floor, out int start, out int end, out int id)
    {
        while (position < text.Length)
        {
            int found = text[position..].IndexOfAny(_firstCharacters);
            if (found < 0)
                break;
            position += found;
            if (!TryMatch(text, position, out int length, out AddedToken? token))
            {
                position++;
                continue;
            }

            start = position;
            end = position + length;
            position = end;
            if (token!.SingleWord && (WordBefore(text, start) || WordAfter(text, end)))
                continue;
            while (token.LStrip && start > floor && IsSpace(text[start - 1]))
                start--;
            while (token.RStrip && end < text.Length && IsSpace(text[end]))
                end++;
            id = token.Id;
            return true;
        }

        position = text.Length;
        start = end = id = 0;
        return false;
    }

    // No white space lies above U+FFFF, so single UTF-16 units are enough.
    private static bool IsSpace(char c) => UnicodeTables.IsWhiteSpace(c);

    private static bool WordAfter(ReadOnlySpan<char> text, int position) =>
        position < text.Length && UnicodeTables.IsWordCharacter(UnicodeTables.Read(text, position, out _));

    private static bool WordBefore(ReadOnlySpan<char> text, int position)
    {
        if (position == 0)
            return false;
        int back = position >= 2 && char.IsSurrogatePair(text[position - 2], text[position - 1]) ? 2 : 1;
        return UnicodeTables.IsWordCharacter(UnicodeTables.Read(text, position - back, out _));
    }

    private bool TryMatch(ReadOnlySpan<char> text, int position, out int length, out AddedToken? token)
    {
        foreach ((string pattern, AddedToken candidate) in _byFirstCharacter[text[position]])
        {
            if (text[position..].StartsWith(pattern, StringComparison.Ordinal))
            {
                length = pattern.Length;
                token = candidate;
                return true;
            }
        }

        length = 0;
        token = null;
        return false;
    }
}
