namespace SqueezeBert.Training.Pruning;

/// <summary>How much the loss depends on the parts of a model. Larger means more important. The index is the number of the layer.</summary>
internal sealed class Importance
{
    public Importance(PrunableLayers layers)
    {
        Layers = new double[layers.All.Count];
        Heads = [.. layers.All.Select(layer => new double[layer.Attention?.Heads ?? 0])];
        Channels = [.. layers.All.Select(layer => (double[][])[.. layer.FeedForwards.Select(network => new double[network.Size])])];
    }

    /// <summary>The importance of whole layers.</summary>
    public double[] Layers { get; }

    /// <summary>The importance of heads: [layer][head].</summary>
    public double[][] Heads { get; }

    /// <summary>The importance of channels in feed-forward networks: [layer][network][channel].</summary>
    public double[][][] Channels { get; }

    /// <summary>The least important layer. If several are equal, the last one.</summary>
    public int LeastLayer => Enumerable.Range(0, Layers.Length).OrderBy(layer => Layers[layer]).ThenByDescending(layer => layer).First();

    /// <summary>
    /// Returns the indices of the <paramref name="count"/> largest values in ascending order. The first of equal values are preferred.
    /// </summary>
    public static IReadOnlyList<int> Largest(ReadOnlySpan<double> values, int count)
    {
        var copy = values.ToArray();
        return [.. Enumerable.Range(0, copy.Length).OrderByDescending(i => copy[i]).ThenBy(i => i).Take(count).Order()];
    }
}
