namespace SqueezeBert.Pipelines.LongTexts;

/// <summary>
/// Windows over <paramref name="count"/> tokens, with at most <paramref name="room"/> tokens each, for results that are averaged. The
/// weight of a window is the share of tokens that it adds to the previous ones, so the weights add up to 1. A text that fits, even without
/// tokens, has one window.
/// </summary>
internal struct WeightedWindows(int count, int room, int overlap)
{
    private TokenWindows _windows = new(count, room, overlap);

    /// <summary>Creates windows that overlap by half.</summary>
    public WeightedWindows(int count, int room)
        : this(count, room, TokenWindows.HalfOf(room))
    {
    }

    /// <summary>The tokens of the current window.</summary>
    public Range Range { get; private set; }

    /// <summary>The weight of the current window in the result.</summary>
    public float Weight { get; private set; }

    /// <summary>The number of windows.</summary>
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
