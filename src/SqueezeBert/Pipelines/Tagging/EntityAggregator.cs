using System.Runtime.InteropServices;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Pipelines.Tagging;

/// <summary>Converts the scores of tokens to entities. Immutable and thread-safe.</summary>
/// <param name="labels">The label names, in the order of their ids.</param>
/// <param name="aggregation">How tokens are combined into entities.</param>
/// <param name="ignoredLabels">The labels that are left out.</param>
/// <param name="decoder">Chooses the labels of all tokens or words together. Null gives each its best label.</param>
internal sealed class EntityAggregator(
    IReadOnlyList<string> labels, EntityAggregation aggregation, IReadOnlyList<string> ignoredLabels, TagDecoder? decoder = null)
{
    private readonly EntityTag[] _tags = [.. labels.Select(label => EntityTag.Parse(label, labels))];
    private readonly HashSet<string> _ignored = new(ignoredLabels, StringComparer.Ordinal);

    /// <param name="scores">[tokens, labels]; each row is a probability distribution.</param>
    /// <param name="offsets">[tokens].</param>
    /// <param name="words">[tokens]: the number of each token's word.</param>
    /// <param name="text">The text that the offsets refer to.</param>
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

    /// <summary>
    /// Returns whether a token continues the entity of the previous one: it has the same kind, and neither tag marks a border.
    /// </summary>
    private static bool Continues(EntityTag before, EntityTag tag) =>
        tag.Kind == before.Kind && tag.Place is not (EntityPlace.Begin or EntityPlace.Single)
            && before.Place is not (EntityPlace.End or EntityPlace.Single);

    /// <summary>Returns the tokens or words with their labels.</summary>
    private List<Unit> Units(ReadOnlySpan<float> scores, ReadOnlySpan<TokenOffset> offsets, ReadOnlySpan<int> words)
    {
        var units = new List<Unit>();
        var areWords = aggregation is EntityAggregation.First or EntityAggregation.Average or EntityAggregation.Max;
        var decoded = decoder is null ? null : new List<float>();
        for (var first = 0; first < offsets.Length;)
        {
            var end = first + 1;
            while (areWords && end < offsets.Length && words[end] == words[first]) end++;
            var rows = scores[(first * labels.Count)..(end * labels.Count)];
            var row = end == first + 1 ? rows : RowOfWord(rows);
            var (label, score) = Best(row);
            units.Add(new Unit(offsets[first].Start, offsets[end - 1].End, label, score));
            if (decoded is not null) CollectionExtensions.AddRange(decoded, row);
            first = end;
        }

        if (decoded is not null) Decode(units, CollectionsMarshal.AsSpan(decoded));
        return units;
    }

    /// <summary>Gives tokens or words the labels of the best sequence.</summary>
    private void Decode(List<Unit> units, Span<float> scores)
    {
        var tags = new int[units.Count];
        decoder!.DecodeProbabilities(scores, tags);
        for (var i = 0; i < tags.Length; i++)
            units[i] = units[i] with { Label = tags[i], Score = scores[(i * labels.Count) + tags[i]] };
    }

    /// <summary>Returns the scores of a word with several pieces.</summary>
    private ReadOnlySpan<float> RowOfWord(ReadOnlySpan<float> rows)
    {
        var width = labels.Count;
        switch (aggregation)
        {
            case EntityAggregation.First:
                return rows[..width];
            case EntityAggregation.Max:
                var surest = 0;
                for (var i = 1; i < rows.Length; i++) surest = rows[i] > rows[surest] ? i : surest;
                return rows.Slice(surest / width * width, width);
            default:
                var mean = new float[width];
                for (var label = 0; label < width; label++)
                {
                    var sum = 0.0;
                    for (var i = label; i < rows.Length; i += width) sum += rows[i];
                    mean[label] = (float)(sum / (rows.Length / width));
                }

                return mean;
        }
    }

    /// <summary>Returns the label with the highest score of a row, or the first of equal ones.</summary>
    private static (int Label, float Score) Best(ReadOnlySpan<float> row)
    {
        var best = 0;
        for (var i = 1; i < row.Length; i++)
        {
            if (row[i] > row[best]) best = i;
        }

        return (best, row[best]);
    }

    private readonly record struct Unit(int Start, int End, int Label, float Score);
}
