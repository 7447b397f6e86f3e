using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Ngrams;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Gradients.Operations;

/// <summary>
/// The mean of the table rows of the n-grams of each token's word. Backward, the gradients of a word's tokens are summed, and each of its n
/// n-grams adds 1/n of the sum to its row: word after word, by ranges of channels. A unit is one text.
/// </summary>
internal sealed unsafe class NgramOperation : Operation
{
    /// <summary>
    /// The number of channels of a part of the table's gradient. Each part hashes the words again, so it must not be small.
    /// </summary>
    private const int ChannelChunk = 32;

    private readonly NgramNode _node;
    private readonly ParameterStore _parameters;
    private readonly WordNgrams _words;

    /// <exception cref="InvalidModelFileException">There is no vocabulary.</exception>
    public NgramOperation(NgramNode node, ParameterStore parameters)
        : base(node, parameters)
    {
        _node = node;
        _parameters = parameters;
        _words = node.Words();
    }

    public override int ParameterParts => (_node.Width + ChannelChunk - 1) / ChannelChunk;

    public override int Units(BatchState state) => state.TextCount;

    public override void Forward(BatchState state, int first, int count, int worker)
    {
        var table = new EmbeddingRows(_parameters.Values(_node.Table));
        for (var text = first; text < first + count; text++)
        {
            for (var row = state.TextStarts[text]; row < state.TextStarts[text + 1];)
            {
                var word = WordAt(state, text, row);
                var target = Output.DataRow(row);
                var vector = new Span<float>(target, _node.Width);
                if (_words.IsWord(word)) NgramMean.Compute(table, _words.Of(word), target, _node.Width);
                else vector.Clear();
                for (var other = 1; other < word.Length; other++) vector.CopyTo(new Span<float>(Output.DataRow(row + other), _node.Width));
                row += word.Length;
            }
        }
    }

    public override void Backward(BatchState state, int first, int count, int worker)
    {
    }

    public override void ParameterGradient(BatchState state, int part)
    {
        var sum = stackalloc float[ChannelChunk];
        for (var text = 0; text < state.TextCount; text++)
        {
            for (var row = state.TextStarts[text]; row < state.TextStarts[text + 1];)
            {
                var word = WordAt(state, text, row);
                if (_words.IsWord(word)) AddWord(word, row, part * ChannelChunk, sum);
                row += word.Length;
            }
        }
    }

    private void AddWord(ReadOnlySpan<int> word, int row, int channel, float* sum)
    {
        var channels = Math.Min(ChannelChunk, _node.Width - channel);
        new ReadOnlySpan<float>(Output.GradientRow(row) + channel, channels).CopyTo(new Span<float>(sum, channels));
        for (var other = 1; other < word.Length; other++) Elementwise.Add(Output.GradientRow(row + other) + channel, sum, sum, channels);
        var buckets = _words.Of(word);
        Elementwise.Scale(1f / buckets.Count(), sum, sum, channels);
        var gradients = _parameters.Gradients(_node.Table) + channel;
        foreach (var bucket in buckets)
        {
            var target = gradients + ((long)bucket * _node.Width);
            Elementwise.Add(sum, target, target, channels);
        }
    }

    private ReadOnlySpan<int> WordAt(BatchState state, int text, int row)
    {
        var rest = state.TextStarts[text + 1] - row;
        var ids = new ReadOnlySpan<int>(state.TokenIds + row, rest);
        return ids[.._words.CountTokens(ids, new ReadOnlySpan<int>(state.Positions + row, rest))];
    }
}
