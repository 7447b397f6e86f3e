using SqueezeBert.Tokenization;

namespace SqueezeBert.Pipelines.Tagging;

/// <summary>From the scores of tokens to entities. Immutable, thread-safe.</summary>
internal sealed class EntityAggregator(IReadOnlyList<string> labels, EntityAggregation aggregation, IReadOnlyList<string> ignoredLabels)
{
    private readonly EntityTag[] _tags = [.. labels.Select(label => EntityTag.Parse(label, labels))];
    private readonly HashSet<string> _ignored = new(ignoredLabels, StringComparer.Ordinal);

    /// <param name="scores">[tokens, labels], each row a distribution.</param>
    /// <param name="offsets">[tokens].</param>
    /// <param name="words">[tokens]: the number of the word that each token belongs to.</param>
    /// <param name="text">What the offsets are in.</param>
    public IReadOnlyList<Entity> Entities(ReadOnlySpan<float> scores, ReadOnlySpan<TokenOffset> offsets, ReadOnlySpan<int> words,
        string text)
    {
        var units = Units(scores, offsets, words);
        var entities = new List<Entity>();
        if (aggregation == EntityAggregation.None)
        {
            foreach (var unit in units)
            {
                if (!_ignored.Contains(labels[unit.Label]))
                    entities.Add(NewEntity(labels[unit.Label], text, unit.Start, unit.End, unit.Score));
            }

            return entities;
        }

        for (var first = 0; first < units.Count;)
        {
            var end = first + 1;
            while (end < units.Count && Continues(_tags[units[end - 1].Label], _tags[units[end].Label])) end++;
            var kind = _tags[units[first].Label].Kind;
            var sum = 0.0;
            for (var i = first; i < end; i++) sum += units[i].Score;
            var (from, to) = (units[first].Start, units[end - 1].End);
            if (!_ignored.Contains(kind)) entities.Add(NewEntity(kind, text, from, to, (float)(sum / (end - first))));
            first = end;
        }

        return entities;
    }

    private static Entity NewEntity(string label, string text, int start, int end, float score) =>
        new() { Label = label, Text = text[start..end], Start = start, End = end, Score = score };

    /// <summary>Whether a token belongs to the entity of the one before: of its kind, and neither says that there is a border.</summary>
    private static bool Continues(EntityTag before, EntityTag tag) =>
        tag.Kind == before.Kind && tag.Place is not (EntityPlace.Begin or EntityPlace.Single)
            && before.Place is not (EntityPlace.End or EntityPlace.Single);

    /// <summary>Tokens, or words, with the label that each has.</summary>
    private List<Unit> Units(ReadOnlySpan<float> scores, ReadOnlySpan<TokenOffset> offsets, ReadOnlySpan<int> words)
    {
        var units = new List<Unit>();
        var areWords = aggregation is EntityAggregation.First or EntityAggregation.Average or EntityAggregation.Max;
        for (var first = 0; first < offsets.Length;)
        {
            var end = first + 1;
            while (areWords && end < offsets.Length && words[end] == words[first]) end++;
            var rows = scores[(first * labels.Count)..(end * labels.Count)];
            var (label, score) = end == first + 1 ? Best(rows) : BestOfWord(rows);
            units.Add(new Unit(offsets[first].Start, offsets[end - 1].End, label, score));
            first = end;
        }

        return units;
    }

    private (int Label, float Score) BestOfWord(ReadOnlySpan<float> rows)
    {
        var width = labels.Count;
        switch (aggregation)
        {
            case EntityAggregation.First:
                return Best(rows[..width]);
            case EntityAggregation.Max:
                return Best(rows);
            default:
                var mean = new float[width];
                for (var label = 0; label < width; label++)
                {
                    var sum = 0.0;
                    for (var i = label; i < rows.Length; i += width) sum += rows[i];
                    mean[label] = (float)(sum / (rows.Length / width));
                }

                return Best(mean);
        }
    }

    /// <summary>The highest score of one or more rows and its label; of equal ones the first.</summary>
    private (int Label, float Score) Best(ReadOnlySpan<float> rows)
    {
        var best = 0;
        for (var i = 1; i < rows.Length; i++)
        {
            if (rows[i] > rows[best]) best = i;
        }

        return (best % labels.Count, rows[best]);
    }

    private readonly record struct Unit(int Start, int End, int Label, float Score);
}
