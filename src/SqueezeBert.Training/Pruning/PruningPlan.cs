using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Training.Optimization;

namespace SqueezeBert.Training.Pruning;

/// <summary>The parts of a model that are kept: the new configuration, and the kept slice of each tensor.</summary>
internal sealed class PruningPlan
{
    private readonly Dictionary<string, TensorSlice> _slices = new(StringComparer.Ordinal);

    // The new number of each layer that stays.
    private readonly Dictionary<int, int> _layers = [];
    private readonly Func<string, string> _canonical;

    private PruningPlan(ModelConfiguration configuration, Func<string, string> canonical)
    {
        Configuration = configuration;
        _canonical = canonical;
    }

    /// <summary>The smaller model's.</summary>
    public ModelConfiguration Configuration { get; private set; }

    /// <param name="configuration">The configuration of the model.</param>
    /// <param name="kept">The numbers of the kept layers, in ascending order.</param>
    /// <param name="canonical">Maps all spellings of a parameter to one name.</param>
    public static PruningPlan OfLayers(ModelConfiguration configuration, IReadOnlyList<int> kept, Func<string, string> canonical)
    {
        var plan = new PruningPlan(configuration.WithLayers(kept), canonical);
        for (var i = 0; i < kept.Count; i++) plan._layers.Add(kept[i], i);
        return plan;
    }

    /// <summary>Keeps the most important heads and channels.</summary>
    /// <param name="configuration">The configuration of the model.</param>
    /// <param name="layers">Its layers.</param>
    /// <param name="importance">Of its parts.</param>
    /// <param name="heads">The number of heads that each layer keeps. Null keeps all.</param>
    /// <param name="channels">
    /// The number of channels that each feed-forward network keeps, a multiple of its blocks. Null keeps all.
    /// </param>
    /// <param name="canonical">Maps all spellings of a parameter to one name.</param>
    public static PruningPlan OfParts(
        ModelConfiguration configuration, PrunableLayers layers, Importance importance, int? heads, int? channels,
        Func<string, string> canonical)
    {
        var plan = new PruningPlan(configuration, canonical);
        for (var layer = 0; layer < layers.All.Count; layer++) plan._layers.Add(layer, layer);
        if (heads is { } headCount) plan.KeepHeads(layers, importance, headCount);
        if (channels is { } channelCount) plan.KeepChannels(layers, importance, channelCount);
        return plan;
    }

    /// <summary>
    /// Returns the kept part of a tensor, under its name in the smaller model. Null if the tensor is removed with its layer.
    /// </summary>
    public NamedTensor? Of(NamedTensor tensor)
    {
        if (_slices.TryGetValue(_canonical(tensor.Name), out var slice)) tensor = slice.Of(tensor);
        if (ModelParts.LayerOf(tensor.Name) is not { } layer) return tensor;
        return _layers.TryGetValue(layer, out var number) ? tensor with { Name = ModelParts.Renumber(tensor.Name, number) } : null;
    }

    private void KeepHeads(PrunableLayers layers, Importance importance, int count)
    {
        var pruned = new Dictionary<int, IReadOnlyList<int>>();
        for (var layer = 0; layer < layers.All.Count; layer++)
        {
            if (layers.All[layer].Attention is not { } attention) continue;
            var kept = Importance.Largest(importance.Heads[layer], Math.Min(count, attention.Heads));
            IReadOnlyList<int> channels = [.. kept.SelectMany(head => Enumerable.Range(head * attention.HeadSize, attention.HeadSize))];
            foreach (var linear in attention.Inputs) AddRows(linear, channels);
            _slices[NameOf(attention.Output.Weight)] = new TensorSlice(null, [channels]);

            // The heads that there are have the numbers of those that were not pruned before.
            var before = Configuration.PrunedHeads.GetValueOrDefault(layer) ?? [];
            IReadOnlyList<int> numbers = [.. Enumerable.Range(0, Configuration.HeadCount).Except(before)];
            IReadOnlyList<int> gone = [.. before.Concat(numbers.Except(kept.Select(head => numbers[head]))).Order()];
            if (gone.Count > 0) pruned.Add(layer, gone);
        }

        Configuration = Configuration with { PrunedHeads = pruned };
    }

    private void KeepChannels(PrunableLayers layers, Importance importance, int count)
    {
        for (var layer = 0; layer < layers.All.Count; layer++)
        {
            for (var network = 0; network < layers.All[layer].FeedForwards.Count; network++)
            {
                var (first, second) = layers.All[layer].FeedForwards[network];
                var blocks = layers.All[layer].FeedForwards[network].Blocks;
                var size = first.Width / blocks;
                var channels = new List<int>(count);
                for (var block = 0; block < blocks; block++)
                {
                    var values = importance.Channels[layer][network].AsSpan(block * size, size);
                    channels.AddRange(Importance.Largest(values, count / blocks).Select(channel => (block * size) + channel));
                }

                AddRows(first, channels);
                var inputs = first.Width / second.Groups;
                _slices[NameOf(second.Weight)] = new TensorSlice(null, [.. Enumerable.Range(0, second.Groups).Select(group =>
                    (IReadOnlyList<int>)[.. channels.Where(channel => channel / inputs == group).Select(channel => channel % inputs)])]);
            }
        }

        Configuration = Configuration with { IntermediateSize = count };
    }

    private void AddRows(LinearNode linear, IReadOnlyList<int> rows)
    {
        _slices[NameOf(linear.Weight)] = new TensorSlice(rows, null);
        if (linear.Bias is not null) _slices[NameOf(linear.Bias)] = new TensorSlice(rows, null);
    }

    private string NameOf(ParameterExpression expression) => _canonical(((Parameter)expression).Name);
}
