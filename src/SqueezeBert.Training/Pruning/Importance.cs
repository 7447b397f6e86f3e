namespace SqueezeBert.Training.Pruning;

/// <summary>How much the loss depends on the parts of a model; larger is more important. A layer's parts by its number.</summary>
internal sealed class Importance
{
    public Importance(PrunableLayers layers)
    {
        Layers = new double[layers.All.Count];
        Heads = [.. layers.All.Select(layer => new double[layer.Attention?.Heads ?? 0])];
        Channels = [.. layers.All.Select(layer => (double[][])[.. layer.FeedForwards.Select(network => new double[network.Size])])];
    }

    /// <summary>Of whole layers.</summary>
    public double[] Layers { get; }

    /// <summary>Of heads: [layer][head].</summary>
    public double[][] Heads { get; }

    /// <summary>Of channels of feed-forward networks: [layer][network][channel].</summary>
    public double[][][] Channels { get; }

    /// <summary>The layer that the loss depends on least; of equal ones the last.</summary>
    public int LeastLayer => Enumerable.Range(0, Layers.Length).OrderBy(layer => Layers[layer]).ThenByDescending(layer => layer).First();

    /// <summary>The numbers of the <paramref name="count"/> largest values, ascending; of equal ones the first.</summary>
    public static IReadOnlyList<int> Largest(ReadOnlySpan<double> values, int count)
    {
        var copy = values.ToArray();
        return [.. Enumerable.Range(0, copy.Length).OrderByDescending(i => copy[i]).ThenBy(i => i).Take(count).Order()];
    }
}
