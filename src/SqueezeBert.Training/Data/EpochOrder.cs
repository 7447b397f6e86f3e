using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Training.Data;

/// <summary>
/// The order of the examples of an epoch and its division into steps. They depend only on the seed and the epoch, so that a resumed run
/// finds its place. Steps take examples in shuffled order, each from one data set if there are several. Within a step, the examples are
/// sorted by length.
/// </summary>
internal sealed class EpochOrder
{
    private readonly int[] _order;
    private readonly List<int> _starts = [0];
    private int[] _step = [];
    private long[] _keys = [];

    /// <param name="data">The examples and their weights.</param>
    /// <param name="batchSize">The number of examples of a step. Null means that the tokens determine it, or 32 without them.</param>
    /// <param name="batchTokens">The largest number of tokens of a step. Null means no limit.</param>
    /// <param name="seed">The seed of the stage.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    public EpochOrder(StageData data, int? batchSize, int? batchTokens, ulong seed, int epoch)
    {
        var key = HashedNumbers.Mix(seed ^ HashedNumbers.Mix((ulong)epoch + 0x5EED));
        _order = ByPart(data, Shuffled(data, key));
        var size = batchSize ?? (batchTokens is null ? 32 : int.MaxValue);
        var budget = batchTokens ?? int.MaxValue;
        var tokens = 0L;
        for (var i = 0; i < _order.Length; i++)
        {
            var example = data.Train[_order[i]];
            var length = example.Length;
            var isOfAnotherPart = i > 0 && data.Train.PartOf(example) != data.Train.PartOf(data.Train[_order[i - 1]]);
            if (i > _starts[^1] && (i - _starts[^1] >= size || tokens + length > budget || isOfAnotherPart))
            {
                _starts.Add(i);
                tokens = 0;
            }

            tokens += length;
            TokenCount += length;
        }

        if (_order.Length > 0) _starts.Add(_order.Length);
        if (data.Parts.Count > 1) ShuffleSteps(HashedNumbers.Mix(key ^ 0x57E9));
    }

    /// <summary>The number of tokens of the epoch.</summary>
    public long TokenCount { get; }

    public int StepCount => _starts.Count - 1;

    /// <summary>Returns the share of the epoch before a step.</summary>
    public double Position(int step) => _order.Length == 0 ? 1 : (double)_starts[step] / _order.Length;

    /// <summary>
    /// Returns the indices of a step's examples, shortest first. Examples of equal length are in shuffled order. The span is valid until
    /// the next call.
    /// </summary>
    public ReadOnlySpan<int> Examples(int step, ExampleSet examples)
    {
        var order = _order.AsSpan(_starts[step].._starts[step + 1]);
        if (_step.Length < order.Length)
        {
            _step = new int[order.Length];
            _keys = new long[order.Length];
        }

        var result = _step.AsSpan(0, order.Length);
        var keys = _keys.AsSpan(0, order.Length);
        order.CopyTo(result);
        for (var i = 0; i < keys.Length; i++) keys[i] = ((long)examples[result[i]].Length << 32) | (uint)i;
        keys.Sort(result);
        return result;
    }

    /// <summary>Returns the examples of each data set together, in their shuffled order.</summary>
    private static int[] ByPart(StageData data, int[] order) =>
        data.Parts.Count == 1 ? order : [.. order.OrderBy(i => data.Train.PartOf(data.Train[i]))];

    /// <summary>Mixes the steps of several data sets in proportion to their numbers.</summary>
    private void ShuffleSteps(ulong key)
    {
        var steps = Enumerable.Range(0, StepCount).Select(step => _order[_starts[step].._starts[step + 1]]).ToArray();
        Shuffle(steps.AsSpan(), key);
        _starts.Clear();
        _starts.Add(0);
        foreach (var step in steps)
        {
            step.CopyTo(_order, _starts[^1]);
            _starts.Add(_starts[^1] + step.Length);
        }
    }

    private static void Shuffle<T>(Span<T> items, ulong key)
    {
        var state = HashedNumbers.Mix(key ^ 0xF15);
        for (var i = items.Length - 1; i > 0; i--)
        {
            state = HashedNumbers.Mix(state);
            var j = (int)(((UInt128)state * (ulong)(i + 1)) >> 64);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static int[] Shuffled(StageData data, ulong key)
    {
        var order = new List<int>(data.Train.Count);
        for (var i = 0; i < data.Train.Count; i++)
        {
            // The fraction of a weight is the probability of one more copy in this epoch.
            var weight = data.Weights[i];
            var copies = (int)weight;
            if (Uniform(HashedNumbers.Mix(key + (ulong)i)) < weight - copies) copies++;
            for (var copy = 0; copy < copies; copy++) order.Add(i);
        }

        Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(order), key);
        return [.. order];
    }

    private static double Uniform(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));
}
