using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Pipelines.LongTexts;

/// <summary>
/// A pair of texts in a limited room. Truncated: the longer one is cut first. In windows: the shorter one stands in each of them, cut to
/// half of the room where it is longer than that, and the longer one is read beside it in weighted windows.
/// </summary>
internal struct PairWindows
{
    private readonly bool _isFirstLonger;
    private readonly int _shorter;
    private WeightedWindows _windows;

    /// <param name="first">Tokens of the first text.</param>
    /// <param name="second">Tokens of the second.</param>
    /// <param name="room">Tokens of both at most.</param>
    /// <param name="longText">What to do with more.</param>
    /// <param name="overlap">What two windows of the longer text have in common; null: half a window.</param>
    public PairWindows(int first, int second, int room, LongText longText, int? overlap = null)
    {
        _isFirstLonger = first >= second;
        var (keptFirst, keptSecond) = longText != LongText.Windows || first + second <= room
            ? Windows.Split(first, second, room, Truncation.LongestFirst)
            : _isFirstLonger ? (first, Math.Min(second, room / 2)) : (Math.Min(first, room / 2), second);
        _shorter = _isFirstLonger ? keptSecond : keptFirst;
        Size = room - _shorter;
        _windows = new WeightedWindows(_isFirstLonger ? keptFirst : keptSecond, Size, overlap ?? TokenWindows.HalfOf(Size));
        (KeptFirst, KeptSecond) = (keptFirst, keptSecond);
        IsTruncated = TokenCount < first + second;
    }

    /// <summary>Tokens of the longer text in a window at most.</summary>
    public int Size { get; }

    /// <summary>Tokens of the first text that are read.</summary>
    public int KeptFirst { get; }

    /// <summary>Tokens of the second text that are read.</summary>
    public int KeptSecond { get; }

    /// <summary>Tokens of both texts that are read.</summary>
    public readonly int TokenCount => KeptFirst + KeptSecond;

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
