using System.Globalization;
using System.Text;

namespace SqueezeBert.Tokenization.Training;

/// <summary>
/// The joining of the most frequent pairs. Counts are updated only where a pair was joined: each pair knows the words it may be in, and the
/// queue's entries are checked against the current count when they come up.
/// </summary>
internal sealed class PairMerger
{
    private readonly VocabularyTrainerOptions _options;
    private readonly CancellationToken _cancellation;
    private readonly List<string> _tokens = [];
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);

    private readonly int[] _symbols;
    private readonly Word[] _words;

    private readonly Dictionary<ulong, int> _pairIndex = [];
    private readonly List<Pair> _pairs = [];
    private readonly List<int> _grown = [];
    private readonly PriorityQueue<int, (long Count, ulong Key)> _queue = new(
        Comparer<(long Count, ulong Key)>.Create(static (
            a, b) => a.Count != b.Count ? b.Count.CompareTo(a.Count) : a.Key.CompareTo(b.Key)));

    /// <param name="options">How.</param>
    /// <param name="words">The words in a fixed order, with their counts.</param>
    /// <param name="cancellation">Cancels the call.</param>
    internal PairMerger(VocabularyTrainerOptions options, (string Word, long Count)[] words, CancellationToken cancellation)
    {
        _options = options;
        _cancellation = cancellation;
        foreach (var token in options.SpecialTokens)
            AddToken(token);

        var alphabet = AddAlphabet(words);
        var symbols = new List<int>();
        var kept = new List<Word>();
        foreach ((var word, var count) in words)
        {
            var start = symbols.Count;
            var spelled = true;
            foreach (var rune in word.EnumerateRunes())
            {
                spelled &= alphabet.Contains(rune);
                if (spelled)
                    symbols.Add(_ids[(symbols.Count == start ? "" : options.Tokenizer.ContinuingSubwordPrefix) + rune]);
            }

            if (spelled)
                kept.Add(new Word { Start = start, Length = symbols.Count - start, Count = count });
            else
                symbols.RemoveRange(start, symbols.Count - start);
        }

        _symbols = [.. symbols];
        _words = [.. kept];
    }

    private struct Word
    {
        internal int Start;
        internal int Length;
        internal long Count;
    }

    private sealed class Pair(ulong key)
    {
        internal ulong Key { get; } = key;

        internal long Count { get; set; }

        /// <summary>The words that have or had the pair.</summary>
        internal List<int> Words { get; set; } = [];

        internal bool Grown { get; set; }
    }

    internal List<string> Run(IProgress<VocabularyTrainingProgress>? progress)
    {
        CountPairs();
        var step = Math.Max(1, _options.Size / 100);
        while (_tokens.Count < _options.Size && _queue.TryDequeue(out var index, out var entry))
        {
            var pair = _pairs[index];
            if (entry.Count != pair.Count)
            {
                if (pair.Count > 0)
                    _queue.Enqueue(index, (pair.Count, pair.Key));
                continue;
            }

            if (pair.Count < _options.MinFrequency)
                break;
            _cancellation.ThrowIfCancellationRequested();
            var before = _tokens.Count;
            Merge(pair);
            if (_tokens.Count != before && _tokens.Count % step == 0)
                progress?.Report(new VocabularyTrainingProgress(_tokens.Count, _options.Size));
        }

        progress?.Report(new VocabularyTrainingProgress(_tokens.Count, _options.Size));
        return _tokens;
    }

    private static ulong Key(int left, int right) => ((ulong)left << 32) | (uint)right;

    private int AddToken(string token)
    {
        if (_ids.TryGetValue(token, out var id))
            return id;
        id = _tokens.Count;
        _tokens.Add(token);
        _ids[token] = id;
        return id;
    }

    private HashSet<Rune> AddAlphabet((string Word, long Count)[] words)
    {
        var counts = new Dictionary<Rune, long>();
        var inside = new HashSet<Rune>();
        foreach ((var word, var count) in words)
        {
            var first = true;
            foreach (var rune in word.EnumerateRunes())
            {
                counts[rune] = counts.GetValueOrDefault(rune) + count;
                if (!first)
                    inside.Add(rune);
                first = false;
            }
        }

        Rune[] kept = [.. counts
            .OrderByDescending(c => c.Value).ThenBy(c => c.Key.Value)
            .Take(_options.AlphabetLimit).Select(c => c.Key).OrderBy(c => c.Value)];
        foreach (var rune in kept)
            AddToken(rune.ToString());
        foreach (var rune in kept.Where(inside.Contains))
            AddToken(_options.Tokenizer.ContinuingSubwordPrefix + rune);
        if (_tokens.Count > _options.Size)
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"A vocabulary of {_options.Size} has no room for the special tokens and characters, {_tokens.Count} in all; raise the " +
                    $"size or lower the alphabet limit."));
        }

        return [.. kept];
    }

    private void CountPairs()
    {
        for (var w = 0; w < _words.Length; w++)
        {
            var word = _words[w];
            for (var i = word.Start + 1; i < word.Start + word.Length; i++)
                Change(_symbols[i - 1], _symbols[i], word.Count, w);
        }

        EnqueueGrown();
    }

    private void Change(int left, int right, long count, int word)
    {
        var key = Key(left, right);
        if (!_pairIndex.TryGetValue(key, out var index))
        {
            // A pair that is not known has not been counted either, so there is nothing to take away from it.
            index = _pairs.Count;
            _pairIndex[key] = index;
            _pairs.Add(new Pair(key));
        }

        var pair = _pairs[index];
        pair.Count += count;
        if (count < 0)
            return;
        if (pair.Words.Count == 0 || pair.Words[^1] != word)
            pair.Words.Add(word);
        if (!pair.Grown)
        {
            pair.Grown = true;
            _grown.Add(index);
        }
    }

    private void EnqueueGrown()
    {
        foreach (var index in _grown)
        {
            var pair = _pairs[index];
            pair.Grown = false;
            if (pair.Count > 0)
                _queue.Enqueue(index, (pair.Count, pair.Key));
        }

        _grown.Clear();
    }

    private void Merge(Pair pair)
    {
        int left = (int)(pair.Key >> 32), right = (int)(uint)pair.Key;
        var prefix = _options.Tokenizer.ContinuingSubwordPrefix;
        var tail = _tokens[right];
        var joined = AddToken(_tokens[left] + (tail.StartsWith(prefix, StringComparison.Ordinal) ? tail[prefix.Length..] : tail));
        var places = pair.Words;
        pair.Words = [];
        foreach (var w in places)
            MergeWord(w, left, right, joined);
        // No word has the pair any more; overlaps (a a a) have left an arbitrary count.
        pair.Count = 0;
        EnqueueGrown();
    }

    private void MergeWord(int w, int left, int right, int joined)
    {
        ref var word = ref _words[w];
        var symbols = _symbols.AsSpan(word.Start, word.Length);
        var write = 0;
        for (var read = 0; read < symbols.Length; read++)
        {
            if (symbols[read] != left || read + 1 == symbols.Length || symbols[read + 1] != right)
            {
                symbols[write++] = symbols[read];
                continue;
            }

            // The counts of the neighbours' pairs move from the old symbols to the new one.
            if (write > 0)
            {
                Change(symbols[write - 1], left, -word.Count, w);
                Change(symbols[write - 1], joined, word.Count, w);
            }

            if (read + 2 < symbols.Length)
            {
                Change(right, symbols[read + 2], -word.Count, w);
                Change(joined, symbols[read + 2], word.Count, w);
            }

            symbols[write++] = joined;
            read++;
        }

        word.Length = write;
    }
}
