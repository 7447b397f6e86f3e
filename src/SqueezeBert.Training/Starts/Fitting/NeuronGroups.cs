namespace SqueezeBert.Training.Starts.Fitting;

/// <summary>Which neurons of a feed-forward network belong to which group.</summary>
internal static class NeuronGroups
{
    /// <summary>
    /// Gives each neuron to a group, equally many to each. Those choose first for which the second best group is worst; when a group is
    /// full, the rest is ordered anew. Of equal ones the first comes first.
    /// </summary>
    /// <param name="worth">What a neuron is worth in a group, [neurons, groups]; the groups divide the neurons.</param>
    /// <returns>The neurons of each group, ascending.</returns>
    public static int[][] Assign(double[,] worth)
    {
        var (neurons, groups) = (worth.GetLength(0), worth.GetLength(1));
        var room = neurons / groups;
        var members = Enumerable.Range(0, groups).Select(_ => new List<int>(room)).ToArray();
        var left = Enumerable.Range(0, neurons).ToList();
        while (left.Count > 0)
        {
            var open = Enumerable.Range(0, groups).Where(group => members[group].Count < room).ToArray();
            var order = left.OrderByDescending(neuron => Advantage(worth, neuron, open)).ToList();
            var taken = 0;
            while (taken < order.Count)
            {
                var neuron = order[taken++];
                var best = members[open.MaxBy(group => worth[neuron, group])];
                best.Add(neuron);
                if (best.Count == room) break;
            }

            left = [.. order.Skip(taken).Order()];
        }

        return [.. members.Select(group => group.Order().ToArray())];
    }

    /// <summary>How much better the best group is than the second.</summary>
    private static double Advantage(double[,] worth, int neuron, int[] open)
    {
        var (best, second) = (double.NegativeInfinity, double.NegativeInfinity);
        foreach (var group in open)
        {
            var value = worth[neuron, group];
            if (value > best) (best, second) = (value, best);
            else if (value > second) second = value;
        }

        return open.Length == 1 ? 0 : best - second;
    }
}
