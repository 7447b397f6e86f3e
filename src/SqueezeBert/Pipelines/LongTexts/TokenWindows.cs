namespace SqueezeBert.Pipelines.LongTexts;

/// <summary>A window of a text's tokens.</summary>
/// <param name="Start">The first token.</param>
/// <param name="End">The index after the last token.</param>
/// <param name="OwnedStart">The first token whose result is taken from this window.</param>
/// <param name="OwnedEnd">The index after the last such token. The owned ranges of all windows are consecutive.</param>
internal readonly record struct TokenWindow(int Start, int End, int OwnedStart, int OwnedEnd);

/// <summary>
/// Divides <paramref name="count"/> tokens into windows of <paramref name="size"/> tokens (the last one may be shorter), each of which
/// shares <paramref name="overlap"/> tokens (less than the size) with the previous one. It is the only rule for texts that are too long to
/// be read at once. Adjacent windows divide their overlap in the middle, so that the result of a token comes from the window in which it
/// has context on both sides. Without tokens, there is one empty window.
/// </summary>
internal struct TokenWindows(int count, int size, int overlap)
{
    private bool _started;

    /// <summary>Creates windows that overlap by half.</summary>
    public TokenWindows(int count, int size)
        : this(count, size, HalfOf(size))
    {
    }

    public TokenWindow Current { get; private set; }

    /// <summary>The number of windows.</summary>
    public readonly int WindowCount => count <= size ? 1 : 1 + ((count - overlap - 1) / (size - overlap));

    /// <summary>
    /// Returns the overlap of windows that overlap by half. Each window starts half a window, rounded down, after the previous one.
    /// </summary>
    public static int HalfOf(int size) => size - Math.Max(1, size / 2);

    public bool MoveNext()
    {
        if (_started && Current.End == count) return false;
        var start = _started ? Current.Start + size - overlap : 0;
        var end = Math.Min(count, start + size);
        var next = start + size - overlap;
        var ownedEnd = end == count ? count : next + ((end - next) / 2);
        Current = new TokenWindow(start, end, _started ? Current.OwnedEnd : 0, ownedEnd);
        _started = true;
        return true;
    }
}
