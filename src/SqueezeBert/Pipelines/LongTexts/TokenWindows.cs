namespace SqueezeBert.Pipelines.LongTexts;

/// <summary>A part of a text's tokens.</summary>
/// <param name="Start">Its first token.</param>
/// <param name="End">One after its last.</param>
/// <param name="OwnedStart">The first token whose result is taken from this window.</param>
/// <param name="OwnedEnd">One after the last; the owned ranges of all windows follow one another.</param>
internal readonly record struct TokenWindow(int Start, int End, int OwnedStart, int OwnedEnd);

/// <summary>
/// The one rule for texts that are longer than what is read at once. Windows over <paramref name="count"/> tokens, each of
/// <paramref name="size"/> but the last, with <paramref name="overlap"/> (less than the size) in common with the one before. Two neighbours
/// share what they both see at its middle, so that a token's result comes from where it has context on both sides. No tokens: one empty
/// window.
/// </summary>
internal struct TokenWindows(int count, int size, int overlap)
{
    private bool _started;

    /// <summary>Windows that overlap by half.</summary>
    public TokenWindows(int count, int size)
        : this(count, size, HalfOf(size))
    {
    }

    public TokenWindow Current { get; private set; }

    /// <summary>How many there are.</summary>
    public readonly int WindowCount => count <= size ? 1 : 1 + ((count - overlap - 1) / (size - overlap));

    /// <summary>The overlap of windows that overlap by half: each starts half a window, rounded down, behind the one before.</summary>
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
