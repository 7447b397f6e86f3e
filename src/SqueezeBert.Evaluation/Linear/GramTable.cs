namespace SqueezeBert.Evaluation.Linear;

/// <summary>Texts as sparse rows: grams by number, each with its weight, a row's squares adding up to one.</summary>
internal sealed class GramTable
{
    private const int BucketBits = 20;

    private readonly int[] _numbers = new int[1 << BucketBits];
    private readonly List<int> _grams = [];
    private readonly List<int> _starts = [0];
    private readonly HashSet<ulong> _buffer = [];
    private readonly List<int> _counts = [];
    private float[] _rarities = [];

    public int RowCount => _starts.Count - 1;

    /// <summary>Grams of all rows.</summary>
    public int EntryCount => _grams.Count;

    /// <summary>Different grams; two whose hashes fall on one place are one.</summary>
    public int FeatureCount => _counts.Count;

    /// <summary>Adds a text to learn from.</summary>
    public void Add(string text, string? pair)
    {
        WordGrams.Of(text, pair, _buffer);
        var start = _grams.Count;
        foreach (var gram in _buffer)
        {
            ref var number = ref _numbers[Bucket(gram)];
            if (number == 0)
            {
                _counts.Add(0);
                number = _counts.Count;
            }

            _grams.Add(number - 1);
        }

        // Two grams of a text on one place count once.
        _grams.Sort(start, _grams.Count - start, null);
        var end = start;
        for (var i = start; i < _grams.Count; i++)
        {
            if (i > start && _grams[i] == _grams[end - 1]) continue;
            _grams[end++] = _grams[i];
        }

        _grams.RemoveRange(end, _grams.Count - end);
        for (var i = start; i < end; i++) _counts[_grams[i]]++;
        _starts.Add(end);
    }

    /// <summary>Weighs each gram by how rare it is; no rows are added afterwards.</summary>
    /// <remarks>
    /// The square root of the usual inverse document frequency: opinions are in frequent words, topics in rare ones, and this serves both.
    /// </remarks>
    public void Weigh() => _rarities = [.. _counts.Select(count => (float)Math.Sqrt(1 + Math.Log((1.0 + RowCount) / (1.0 + count))))];

    /// <summary>The grams of a row, and what all of their weights are divided by.</summary>
    public ReadOnlySpan<int> Row(int row, out float length)
    {
        var grams = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_grams)[_starts[row].._starts[row + 1]];
        length = Length(grams);
        return grams;
    }

    /// <summary>The known grams of a text that is not in the table.</summary>
    public ReadOnlySpan<int> Find(string text, string? pair, out float length)
    {
        var buffer = new HashSet<ulong>();
        WordGrams.Of(text, pair, buffer);
        var found = buffer.Select(gram => _numbers[Bucket(gram)] - 1).Where(number => number >= 0).Distinct().Order().ToArray();
        length = Length(found);
        return found;
    }

    public float Rarity(int gram) => _rarities[gram];

    private static int Bucket(ulong gram) => (int)(gram >> (64 - BucketBits));

    private float Length(ReadOnlySpan<int> grams)
    {
        double squares = 0;
        foreach (var gram in grams) squares += (double)_rarities[gram] * _rarities[gram];
        return squares > 0 ? (float)Math.Sqrt(squares) : 1;
    }
}
