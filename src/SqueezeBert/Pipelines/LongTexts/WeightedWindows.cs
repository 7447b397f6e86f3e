namespace SqueezeBert.Pipelines.LongTexts;

/// <summary>
/// Windows of <paramref name="count"/> tokens, at most <paramref name="room"/> each, for results that are averaged: a window weighs as much
/// as it adds to those before it, and the weights add up to one. What fits, no tokens included, is one window.
/// </summary>
internal struct WeightedWindows(int count, int room, int overlap)
{
    private TokenWindows _windows = new(count, room, overlap);

    /// <summary>Windows that overlap by half.</summary>
    public WeightedWindows(int count, int room)
        : this(count, room, TokenWindows.HalfOf(room))
    {
    }

    /// <summary>The tokens of the current window.</summary>
    public Range Range { get; private set; }

    /// <summary>Its part in the result.</summary>
    public float Weight { get; private set; }

    /// <summary>How many there are.</summary>
    public readonly int WindowCount => _windows.WindowCount;

    public bool MoveNext()
    {
        var covered = _windows.Current.End;
        if (!_windows.MoveNext()) return false;
        Range = _windows.Current.Start.._windows.Current.End;
        Weight = count <= room ? 1 : (float)(_windows.Current.End - covered) / count;
        return true;
    }
}
