namespace SqueezeBert.Pipelines.Tagging;

/// <summary>
/// Finds the best sequence of tags without an impossible one (Viterbi). A tag inside or at the end of an entity is possible only after the
/// beginning or the inside of that entity. If a kind has an end tag, each entity must have one. Labels without a scheme are possible
/// anywhere. Immutable and thread-safe.
/// </summary>
internal sealed class TagDecoder
{
    // Instead of minus infinity: a text that leaves no way out has the sequence with the fewest impossible tags.
    private const double Impossible = -1e6;

    private readonly int _labels;
    private readonly bool[] _isAllowed;
    private readonly bool[] _canBegin;
    private readonly bool[] _canEnd;

    public TagDecoder(IReadOnlyList<string> labels)
    {
        _labels = labels.Count;
        var tags = labels.Select(label => Tag.Of(label, labels)).ToArray();
        _isAllowed = new bool[_labels * _labels];
        for (var before = 0; before < _labels; before++)
        {
            for (var tag = 0; tag < _labels; tag++) _isAllowed[(before * _labels) + tag] = tags[tag].CanFollow(tags[before]);
        }

        _canBegin = [.. tags.Select(tag => !tag.Continues)];
        _canEnd = [.. tags.Select(tag => !tag.MustGoOn)];
    }

    /// <summary>Like <see cref="Decode"/>, for probabilities: finds the sequence with the largest product.</summary>
    /// <param name="probabilities">[words, labels].</param>
    /// <param name="tags">[words]: receives the label of each word.</param>
    public void DecodeProbabilities(ReadOnlySpan<float> probabilities, Span<int> tags)
    {
        var logarithms = new float[probabilities.Length];
        for (var i = 0; i < logarithms.Length; i++) logarithms[i] = MathF.Log(Math.Max(probabilities[i], float.Epsilon));
        Decode(logarithms, tags);
    }

    /// <summary>Finds the sequence with the largest sum of scores. Of equal sequences, it returns the one with the first labels.</summary>
    /// <param name="scores">[words, labels]: logits or logarithms of probabilities.</param>
    /// <param name="tags">[words]: receives the label of each word.</param>
    public void Decode(ReadOnlySpan<float> scores, Span<int> tags)
    {
        if (tags.IsEmpty) return;
        var best = new double[_labels];
        var next = new double[_labels];
        var from = new int[tags.Length * _labels];
        for (var label = 0; label < _labels; label++) best[label] = scores[label] + (_canBegin[label] ? 0 : Impossible);
        for (var word = 1; word < tags.Length; word++)
        {
            for (var label = 0; label < _labels; label++)
            {
                var (largest, source) = (double.NegativeInfinity, 0);
                for (var before = 0; before < _labels; before++)
                {
                    var sum = best[before] + (_isAllowed[(before * _labels) + label] ? 0 : Impossible);
                    if (!(sum > largest)) continue;
                    (largest, source) = (sum, before);
                }

                next[label] = largest + scores[(word * _labels) + label];
                from[(word * _labels) + label] = source;
            }

            (best, next) = (next, best);
        }

        var last = 0;
        for (var label = 0; label < _labels; label++)
        {
            if (!_canEnd[label]) best[label] += Impossible;
            if (best[label] > best[last]) last = label;
        }

        for (var word = tags.Length - 1; word >= 0; word--)
        {
            tags[word] = last;
            last = from[(word * _labels) + last];
        }
    }

    /// <param name="Kind">The kind, or null for a label without a scheme.</param>
    /// <param name="Continues">Whether an entity of the kind must have begun.</param>
    /// <param name="CanGoOn">Whether the entity may have another word.</param>
    /// <param name="MustGoOn">Whether the entity must have another word.</param>
    private readonly record struct Tag(string? Kind, bool Continues, bool CanGoOn, bool MustGoOn)
    {
        public static Tag Of(string label, IReadOnlyList<string> labels)
        {
            var (place, kind) = EntityTag.Parse(label, labels);
            if (kind == label || !labels.Contains("B-" + kind)) return default;
            var hasEnd = labels.Contains("E-" + kind) || labels.Contains("L-" + kind);
            var isOpen = place is EntityPlace.Begin or EntityPlace.Inside;
            return new Tag(kind, place is EntityPlace.Inside or EntityPlace.End, isOpen, isOpen && hasEnd);
        }

        public bool CanFollow(in Tag before) => Continues ? before.Kind == Kind && before.CanGoOn : !before.MustGoOn;
    }
}
