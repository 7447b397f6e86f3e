using System.Buffers;
using SqueezeBert.Tokenization.Unicode;

namespace SqueezeBert.Tokenization.AddedTokens;

/// <summary>Finds added tokens in a text: leftmost first, of several at one place the longest.</summary>
internal sealed class AddedTokenMatcher
{
    private const int CheckInterval = 1 << 13;

    private readonly SearchValues<char> _firstCharacters;
    private readonly Pattern[] _patterns;

    /// <summary>Prepares patterns, none of which is empty.</summary>
    internal AddedTokenMatcher(IEnumerable<Pattern> patterns)
    {
        // By first UTF-16 unit, for the binary search; then the longest first.
        _patterns = [.. patterns.OrderBy(p => p.Text[0]).ThenByDescending(p => p.Text.Length)];
        _firstCharacters = SearchValues.Create(Array.ConvertAll(_patterns, p => p.Text[0]));
    }

    internal bool IsEmpty => _patterns.Length == 0;

    /// <summary>The characters of the longest token.</summary>
    internal int Longest => _patterns.Length == 0 ? 0 : _patterns.Max(pattern => pattern.Text.Length);

    /// <summary>
    /// Finds the next token. <paramref name="position"/> is where to look from, and on return where to look from next;
    /// <paramref name="stop"/> is where to stop looking (a token may reach behind it); <paramref name="floor"/> is the end of the match
    /// before, which stripped white space must not pass.
    /// </summary>
    internal bool Next(ReadOnlySpan<char> text, ref int position, int stop, int floor, out int start, out int end, out int id,
        CancellationToken cancellationToken = default)
    {
        while (position < stop)
        {
            var found = text[position..stop].IndexOfAny(_firstCharacters);
            if (found < 0)
                break;
            position += found;
            if (!TryMatch(text, position, out var length, out var token))
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
            {
                start--;
                Check(start, cancellationToken);
            }

            while (token.RStrip && end < text.Length && IsSpace(text[end]))
            {
                end++;
                Check(end, cancellationToken);
            }

            id = token.Id;
            return true;
        }

        position = Math.Max(position, stop);
        start = end = id = 0;
        return false;
    }

    private static void Check(int position, CancellationToken cancellationToken)
    {
        if (position % CheckInterval == 0)
            cancellationToken.ThrowIfCancellationRequested();
    }

    // No white space lies above U+FFFF, so single UTF-16 units are enough.
    private static bool IsSpace(char c) => UnicodeTables.IsWhiteSpace(c);

    private static bool WordAfter(ReadOnlySpan<char> text, int position) =>
        position < text.Length && UnicodeTables.IsWordCharacter(UnicodeTables.Read(text, position, out _));

    private static bool WordBefore(ReadOnlySpan<char> text, int position)
    {
        if (position == 0)
            return false;
        var back = position >= 2 && char.IsSurrogatePair(text[position - 2], text[position - 1]) ? 2 : 1;
        return UnicodeTables.IsWordCharacter(UnicodeTables.Read(text, position - back, out _));
    }

    private bool TryMatch(ReadOnlySpan<char> text, int position, out int length, out AddedToken? token)
    {
        for (var i = FirstAt(text[position]); i < _patterns.Length && _patterns[i].Text[0] == text[position]; i++)
        {
            if (text[position..].StartsWith(_patterns[i].Text, StringComparison.Ordinal))
            {
                length = _patterns[i].Text.Length;
                token = _patterns[i].Token;
                return true;
            }
        }

        length = 0;
        token = null;
        return false;
    }

    /// <summary>The first pattern that does not begin with a character below <paramref name="c"/>.</summary>
    private int FirstAt(char c)
    {
        int low = 0, high = _patterns.Length;
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (_patterns[middle].Text[0] < c)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>What to find for a token; it may differ from its content.</summary>
    internal sealed record Pattern(string Text, AddedToken Token);
}
