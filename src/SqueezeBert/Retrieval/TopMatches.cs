namespace SqueezeBert.Retrieval;

/// <summary>
/// The best matches so far: the higher score first, and the lower row for equal scores. It is a heap with the worst match on top.
/// </summary>
internal sealed class TopMatches
{
    private VectorMatch[] _heap = [];
    private int _capacity;
    private int _count;

    /// <summary>
    /// The threshold that the score of a new match must exceed if rows are added in ascending order. NaN never exceeds it.
    /// </summary>
    public float Threshold { get; private set; }

    /// <summary>The matches, in no particular order.</summary>
    public Span<VectorMatch> Matches => _heap.AsSpan(0, _count);

    /// <summary>Removes all matches.</summary>
    /// <param name="capacity">The number of wanted matches, at least 1.</param>
    public void Reset(int capacity)
    {
        // Grows by itself: few of those that are wanted may be found.
        _capacity = capacity;
        _count = 0;
        Threshold = float.NegativeInfinity;
    }

    /// <summary>Adds a match, and removes the worst one if there are too many.</summary>
    public void Add(VectorMatch match)
    {
        if (_count < _capacity)
        {
            if (_count == _heap.Length) Array.Resize(ref _heap, (int)Math.Clamp(2L * _count, 16, Math.Max(16, _capacity)));
            Rise(_count++, match);
        }
        else if (Compare(match, _heap[0]) < 0)
        {
            Sink(match);
        }

        if (_count == _capacity) Threshold = _heap[0].Score;
    }

    /// <summary>Returns a negative number if the first match is better.</summary>
    public static int Compare(VectorMatch left, VectorMatch right) =>
        left.Score > right.Score ? -1 : left.Score < right.Score ? 1 : left.Row.CompareTo(right.Row);

    private void Rise(int place, VectorMatch match)
    {
        while (place > 0)
        {
            var above = (place - 1) / 2;
            if (Compare(match, _heap[above]) <= 0) break;
            _heap[place] = _heap[above];
            place = above;
        }

        _heap[place] = match;
    }

    private void Sink(VectorMatch match)
    {
        var place = 0;
        while (true)
        {
            var below = (2 * place) + 1;
            if (below >= _count) break;
            if (below + 1 < _count && Compare(_heap[below + 1], _heap[below]) > 0) below++;
            if (Compare(_heap[below], match) <= 0) break;
            _heap[place] = _heap[below];
            place = below;
        }

        _heap[place] = match;
    }
}
