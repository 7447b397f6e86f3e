using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Pipelines.LongTexts;

/// <summary>
/// Divides a pair of texts into windows of limited size. Truncation cuts the longer text first. With windows, the shorter text is repeated
/// in each of them, cut to half of the room if it is longer, and the longer text is read beside it in weighted windows.
/// </summary>
internal struct PairWindows
{
    private readonly bool _isFirstLonger;
    private readonly int _shorter;
    private WeightedWindows _windows;

    /// <param name="first">The number of tokens of the first text.</param>
    /// <param name="second">The number of tokens of the second text.</param>
    /// <param name="room">The largest number of tokens of both texts.</param>
    /// <param name="longText">What happens to longer pairs.</param>
    /// <param name="overlap">The number of tokens that two windows of the longer text share. Null means half a window.</param>
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

    /// <summary>The largest number of tokens of the longer text in a window.</summary>
    public int Size { get; }

    /// <summary>The number of tokens of the first text that are read.</summary>
    public int KeptFirst { get; }

    /// <summary>The number of tokens of the second text that are read.</summary>
    public int KeptSecond { get; }

    /// <summary>The number of tokens of both texts that are read.</summary>
    public readonly int TokenCount => KeptFirst + KeptSecond;

    /// <summary>Whether some tokens are not read.</summary>
    public bool IsTruncated { get; }

    public readonly int WindowCount => _windows.WindowCount;

    /// <summary>The tokens of the first text in the current window.</summary>
    public readonly Range First => _isFirstLonger ? _windows.Range : .._shorter;

    /// <summary>The tokens of the second text in the current window.</summary>
    public readonly Range Second => _isFirstLonger ? .._shorter : _windows.Range;

    public readonly float Weight => _windows.Weight;

    public bool MoveNext() => _windows.MoveNext();
}
