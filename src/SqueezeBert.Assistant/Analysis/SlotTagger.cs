using SqueezeBert.Pipelines.Tagging;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Assistant.Analysis;

/// <summary>From the model's tags of tokens to slots, each with its confidence and its margin. Thread-safe.</summary>
internal sealed class SlotTagger : IDisposable
{
    private readonly TokenClassifier _classifier;
    private readonly TagDecoder _decoder;
    private readonly EntityTag[] _tags;
    private readonly int[] _kinds;
    private readonly string[] _kindNames;
    private readonly int _outside;

    /// <param name="classifier">The head of the slots; disposed with this.</param>
    public SlotTagger(TokenClassifier classifier)
    {
        _classifier = classifier;
        var labels = classifier.Labels;
        _decoder = new TagDecoder(labels);
        _tags = [.. labels.Select(label => EntityTag.Parse(label, labels))];
        _kindNames = [.. _tags.Select(tag => tag.Kind).Distinct(StringComparer.Ordinal)];
        _kinds = [.. _tags.Select(tag => Array.IndexOf(_kindNames, tag.Kind))];
        _outside = Array.IndexOf(_kindNames, "O");
    }

    /// <summary>The slots that the model knows.</summary>
    public IReadOnlyList<string> Slots => [.. _kindNames.Where(kind => kind != "O")];

    /// <summary>Finds the slots of a text; their values are not read.</summary>
    public List<SlotMatch> Find(string text, CancellationToken cancellationToken)
    {
        var words = WordSplitter.Split(text);
        var slots = new List<SlotMatch>();
        if (words.Count == 0) return slots;

        var labels = _tags.Length;
        var (scores, offsets, _) = _classifier.ScoreTokens(text, cancellationToken);
        var rows = RowsOf(words, offsets);
        var read = Array.FindIndex(rows, row => row < 0) is >= 0 and var cut ? cut : rows.Length;
        var tags = new int[read];
        _decoder.DecodeProbabilities([.. rows.Take(read).SelectMany(row => scores.AsSpan(row * labels, labels).ToArray())], tags);
        for (var first = 0; first < read;)
        {
            var end = first + 1;
            var kind = _kinds[tags[first]];
            while (end < read && _kinds[tags[end]] == kind && _tags[tags[end]].Place is EntityPlace.Inside or EntityPlace.End
                && _tags[tags[end - 1]].Place is EntityPlace.Begin or EntityPlace.Inside) end++;
            if (kind != _outside) slots.Add(Match(text, words, rows, scores, first, end, kind));
            first = end;
        }

        return slots;
    }

    public void Dispose() => _classifier.Dispose();

    private SlotMatch Match(string text, List<(int Start, int End)> words, int[] rows, float[] scores, int first, int end, int kind)
    {
        var (confidence, margin) = (0.0, 0.0);
        Span<double> byKind = new double[_kindNames.Length];
        for (var word = first; word < end; word++)
        {
            byKind.Clear();
            for (var label = 0; label < _tags.Length; label++) byKind[_kinds[label]] += scores[(rows[word] * _tags.Length) + label];
            var own = byKind[kind];
            byKind[kind] = 0;
            var next = 0.0;
            foreach (var other in byKind) next = Math.Max(next, other);
            confidence += own;
            margin += own - next;
        }

        var (from, to) = (words[first].Start, words[end - 1].End);
        return new SlotMatch
        {
            Slot = _kindNames[kind],
            Text = text[from..to],
            Start = from,
            End = to,
            Confidence = (float)Math.Clamp(confidence / (end - first), 0, 1),
            Margin = (float)Math.Clamp(margin / (end - first), -1, 1),
            Source = SlotSource.Model,
        };
    }

    // The first token of each word, which is the one that was trained; -1 behind the end of what was read.
    private static int[] RowsOf(List<(int Start, int End)> words, ReadOnlySpan<TokenOffset> offsets)
    {
        var rows = new int[words.Count];
        var token = 0;
        for (var word = 0; word < rows.Length; word++)
        {
            while (token < offsets.Length && offsets[token].End <= words[word].Start) token++;

            // A word of which nothing is left (control characters) has the tag of the one before.
            rows[word] = token < offsets.Length ? token : -1;
        }

        return rows;
    }
}
