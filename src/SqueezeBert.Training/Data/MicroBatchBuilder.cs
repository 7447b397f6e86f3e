using SqueezeBert.Gradients.Batches;

namespace SqueezeBert.Training.Data;

/// <summary>
/// Makes the micro-batches of a step: at most so many tokens each, one text at least. The memory is kept for the next step.
/// </summary>
internal sealed class MicroBatchBuilder(TrainingTask task, int outputs, int tokenBudget, TokenMasking? masking)
{
    private readonly List<MicroBatch> _batches = [];
    private int[] _tokens = new int[512];
    private int[] _types = new int[512];
    private int[] _places = new int[512];
    private int[] _labels = new int[512];

    /// <summary>The batches of the last <see cref="Build"/>; later ones of the list are left over from larger steps.</summary>
    public IReadOnlyList<MicroBatch> Batches => _batches;

    /// <summary>Fills the batches with examples; returns their number.</summary>
    /// <param name="set">Where the examples are.</param>
    /// <param name="examples">Which.</param>
    /// <param name="maskKey">Key of the masks; each example has its own under it.</param>
    public int Build(ExampleSet set, ReadOnlySpan<int> examples, ulong maskKey)
    {
        var count = 0;
        for (var i = 0; i < examples.Length; i++)
        {
            var example = set[examples[i]];
            if (count == 0
                || (_batches[count - 1].Batch.TokenCount + example.Length > tokenBudget && _batches[count - 1].Batch.TokenCount > 0))
            {
                if (count == _batches.Count) _batches.Add(new MicroBatch());
                _batches[count++].Clear(i);
            }

            Add(_batches[count - 1], set, example, DropoutKey.Mix(maskKey ^ DropoutKey.Mix((ulong)examples[i])));
        }

        return count;
    }

    private void Add(MicroBatch target, ExampleSet set, Example example, ulong key)
    {
        Reserve(example.Length);
        var tokens = _tokens.AsSpan(0, example.Length);
        set.Tokens(example).CopyTo(tokens);
        var types = _types.AsSpan(0, example.Length);
        types.Clear();
        types[example.SecondStart..].Fill(1);
        var firstRow = target.Batch.TokenCount;
        var masked = masking?.Apply(tokens, key, _places, _labels) ?? 0;
        target.Batch.Add(tokens, types);
        switch (task)
        {
            case TrainingTask.MaskedLanguage:
                for (var i = 0; i < masked; i++)
                {
                    target.Batch.Select(firstRow + _places[i]);
                    target.Labels.AddClass(_labels[i]);
                }

                break;
            case TrainingTask.SingleLabel:
                target.Labels.AddClass(example.Label);
                break;
            default:
                target.Labels.AddValues(set.Values(example, outputs));
                break;
        }
    }

    private void Reserve(int length)
    {
        if (length <= _tokens.Length) return;
        var size = Math.Max(length, 2 * _tokens.Length);
        _tokens = new int[size];
        _types = new int[size];
        _places = new int[size];
        _labels = new int[size];
    }
}
