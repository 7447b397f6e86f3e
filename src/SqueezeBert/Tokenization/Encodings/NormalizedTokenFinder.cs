using System.Diagnostics.CodeAnalysis;
using SqueezeBert.Tokenization.AddedTokens;
using SqueezeBert.Tokenization.Unicode;
using SqueezeBert.Tokenization.Words;

namespace SqueezeBert.Tokenization.Encodings;

/// <summary>
/// Normalized characters to added tokens and the words between them. The characters pass through a window, whose length is bounded by that
/// of the longest added token, with one exception: behind a token that strips it, white space is held up to its end, which is where the
/// token ends.
/// </summary>
internal ref struct NormalizedTokenFinder<TSink> : INormalizedSink
    where TSink : struct, ITokenSink, allows ref struct
{
    private const int MinWindow = 1 << 12;

    /// <summary>A code point behind a token or before it, which may be two UTF-16 units.</summary>
    private const int Neighbour = 2;

    private readonly AddedTokenMatcher _tokens;
    private readonly NormalizedText _window;
    private readonly int _ahead;
    private WordCutter<PieceHandler<TSink>> _words;

    // At how many characters the window is looked at.
    private int _full;

    // Where to look for a token next, up to where characters were passed on, and what a token may not strip; all in the window.
    private int _position;
    private int _passed;
    private int _floor;

    // Where the white space that a token may strip starts in the text, if it started before the window.
    private int _spaceStart = -1;

    /// <param name="tokens">The tokens.</param>
    /// <param name="longest">The characters of the longest of them.</param>
    /// <param name="pieces">Receives tokens and words.</param>
    /// <param name="scratch">The thread's scratch space.</param>
    internal NormalizedTokenFinder(AddedTokenMatcher tokens, int longest, PieceHandler<TSink> pieces, Scratch scratch)
    {
        _tokens = tokens;
        _ahead = longest + Neighbour;
        _window = scratch.Window;
        _window.Clear();
        _words = new WordCutter<PieceHandler<TSink>>(pieces, scratch.Word);
        _full = MinLength;
    }

    /// <summary>Whether the sink stopped the scan.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>The words between the tokens.</summary>
    [UnscopedRef]
    internal ref WordCutter<PieceHandler<TSink>> Words => ref _words;

    private readonly int MinLength => Math.Max(MinWindow, 2 * _ahead);

    public void Append(int codePoint, int start, int end)
    {
        _window.Append(codePoint, start, end);
        if (_window.Length >= _full && !IsStopped)
            Find(isEnd: false);
    }

    /// <summary>Ends the gap; false where the sink stopped the scan.</summary>
    internal bool End()
    {
        if (!IsStopped)
            Find(isEnd: true);
        IsStopped |= !_words.EndWord();
        _window.Clear();
        _position = _passed = _floor = 0;
        _spaceStart = -1;
        _full = MinLength;
        return !IsStopped;
    }

    private void Find(bool isEnd)
    {
        var characters = _window.Characters;
        // Up to here what is in the window decides about tokens.
        var stop = isEnd ? characters.Length : characters.Length - _ahead;
        if (!isEnd && char.IsLowSurrogate(characters[stop]))
            stop--;
        _full = MinLength;
        while (true)
        {
            var before = _position;
            if (!_tokens.Next(characters, ref _position, stop, _floor, out var start, out var end, out var id))
                break;
            if (!isEnd && end == characters.Length)
            {
                // The white space that the token strips may go on. Doubling keeps the work linear.
                _position = before;
                _full = checked(2 * characters.Length);
                break;
            }

            Pass(characters, start);
            var textStart = start == 0 && _spaceStart >= 0 ? _spaceStart : _window.StartAt(start);
            if (!_words.EndWord() || !_words.Handler.AddedToken(id, textStart, _window.EndAt(end - 1)))
            {
                IsStopped = true;
                return;
            }

            _passed = Math.Max(_passed, end);
            _floor = end;
        }

        Pass(characters, _position);
        IsStopped |= _words.IsStopped;
        if (!isEnd && !IsStopped)
            Shorten(characters);
    }

    /// <summary>Passes the characters up to <paramref name="end"/> on; words may go on behind it.</summary>
    private void Pass(ReadOnlySpan<char> characters, int end)
    {
        while (_passed < end && !_words.IsStopped)
        {
            var codePoint = UnicodeTables.Read(characters, _passed, out var length);
            _words.Append(codePoint, _window.StartAt(_passed), _window.EndAt(_passed));
            _passed += length;
        }
    }

    /// <summary>Drops what was looked at, but for a code point.</summary>
    private void Shorten(ReadOnlySpan<char> characters)
    {
        var count = _position - Neighbour;
        if (count <= 0)
            return;
        if (_floor >= count)
        {
            _spaceStart = -1;
        }
        else
        {
            var space = count;
            while (space > _floor && UnicodeTables.IsWhiteSpace(characters[space - 1]))
                space--;
            if (space == count)
                _spaceStart = -1;
            else if (space > 0 || _spaceStart < 0)
                _spaceStart = _window.StartAt(space);
        }

        _window.RemoveFirst(count);
        _position -= count;
        _passed -= count;
        _floor = Math.Max(0, _floor - count);
    }
}
