using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Pipelines.LongTexts;

/// <summary>
/// Windows of <paramref name="count"/> tokens, at most <paramref name="room"/> each, that overlap by half, for results that are averaged: a
/// window weighs as much as it adds to those before it, and the weights add up to one. What fits, no tokens included, is one window.
/// </summary>
internal struct WeightedWindows(int count, int room)
{
    private TokenWindows _windows = new(count, room, room - Step(room));

    /// <summary>The tokens of the current window.</summary>
    public Range Range { get; private set; }

    /// <summary>Its part in the result.</summary>
    public float Weight { get; private set; }

    /// <summary>How many there are.</summary>
    public readonly int WindowCount => count <= room ? 1 : 1 + ((count - room + Step(room) - 1) / Step(room));

    public bool MoveNext()
    {
        var covered = _windows.Current.End;
        if (!_windows.MoveNext()) return false;
        Range = _windows.Current.Start.._windows.Current.End;
        Weight = count <= room ? 1 : (float)(_windows.Current.End - covered) / count;
        return true;
    }

    private static int Step(int room) => Math.Max(1, room / 2);
}

/// <summary>
/// A pair of texts in a limited room. Truncated: the longer one is cut first. In windows: the shorter one stands in each of them, cut to
/// half of the room where it is longer than that, and the longer one is read beside it in weighted windows.
/// </summary>
internal struct PairWindows
{
    private readonly bool _isFirstLonger;
    private readonly int _shorter;
    private WeightedWindows _windows;

    public PairWindows(int first, int second, int room, LongText longText)
    {
        _isFirstLonger = first >= second;
        var (keptFirst, keptSecond) = longText == LongText.Truncate || first + second <= room
            ? Windows.Split(first, second, room, Truncation.LongestFirst)
            : _isFirstLonger ? (first, Math.Min(second, room / 2)) : (Math.Min(first, room / 2), second);
        _shorter = _isFirstLonger ? keptSecond : keptFirst;
        _windows = new WeightedWindows(_isFirstLonger ? keptFirst : keptSecond, room - _shorter);
        TokenCount = keptFirst + keptSecond;
        IsTruncated = TokenCount < first + second;
    }

    /// <summary>Tokens of both texts that are read.</summary>
    public int TokenCount { get; }

    /// <summary>Whether there are others, which are not.</summary>
    public bool IsTruncated { get; }

    public readonly int WindowCount => _windows.WindowCount;

    /// <summary>Tokens of the first text in the current window.</summary>
    public readonly Range First => _isFirstLonger ? _windows.Range : .._shorter;

    /// <summary>Tokens of the second.</summary>
    public readonly Range Second => _isFirstLonger ? .._shorter : _windows.Range;

    public readonly float Weight => _windows.Weight;

    public bool MoveNext() => _windows.MoveNext();
}
