using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Training.Data;

/// <summary>
/// Divides a step into micro-batches with a limited number of tokens each, but at least one text. The memory is kept for the next step.
/// </summary>
internal sealed class MicroBatchBuilder(ExampleWriter writer, int tokenBudget)
{
    private readonly List<MicroBatch> _batches = [];

    /// <summary>The batches of the last <see cref="Build"/>. Further elements of the list are left from larger steps.</summary>
    public IReadOnlyList<MicroBatch> Batches => _batches;

    /// <summary>Fills the batches with examples and returns their number.</summary>
    /// <param name="set">The set of the examples.</param>
    /// <param name="examples">The numbers of the examples.</param>
    /// <param name="key">The key of everything that is random. Each example derives its own key from it.</param>
    public int Build(ExampleSet set, ReadOnlySpan<int> examples, ulong key)
    {
        var (count, texts, part) = (0, 0, 0);
        for (var i = 0; i < examples.Length; i++)
        {
            var example = set[examples[i]];
            var isOfAnotherPart = set.PartOf(example) != part;
            part = set.PartOf(example);
            if (count == 0 || isOfAnotherPart
                || (_batches[count - 1].Batch.TokenCount + example.Length > tokenBudget && _batches[count - 1].Batch.TokenCount > 0))
            {
                if (count == _batches.Count) _batches.Add(new MicroBatch());
                if (count > 0) texts += _batches[count - 1].Batch.TextCount;
                _batches[count++].Clear(texts);
            }

            _batches[count - 1].Note(set, examples[i]);
            writer.Add(_batches[count - 1], set, example, HashedNumbers.Mix(key ^ HashedNumbers.Mix((ulong)examples[i])));
        }

        return count;
    }
}
