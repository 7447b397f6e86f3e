namespace SqueezeBert.Architecture.Tests;

/// <summary>Groups of a directed graph whose members all reach each other (Tarjan, 1972).</summary>
public static class Cycles
{
    /// <summary>The groups of more than one member, each in alphabetical order.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Find(IEnumerable<string> nodes, Func<string, IEnumerable<string>> next)
    {
        var index = new Dictionary<string, int>(StringComparer.Ordinal);
        var low = new Dictionary<string, int>(StringComparer.Ordinal);
        var stack = new Stack<string>();
        var open = new HashSet<string>(StringComparer.Ordinal);
        var groups = new List<IReadOnlyList<string>>();
        foreach (var node in nodes)
        {
            if (!index.ContainsKey(node)) Visit(node);
        }

        return groups;

        void Visit(string node)
        {
            index[node] = low[node] = index.Count;
            stack.Push(node);
            open.Add(node);
            foreach (var target in next(node))
            {
                if (!index.TryGetValue(target, out var known))
                {
                    Visit(target);
                    low[node] = Math.Min(low[node], low[target]);
                }
                else if (open.Contains(target))
                {
                    low[node] = Math.Min(low[node], known);
                }
            }

            if (low[node] != index[node]) return;
            var group = new List<string>();
            do
            {
                group.Add(stack.Pop());
                open.Remove(group[^1]);
            }
            while (group[^1] != node);
            if (group.Count > 1) groups.Add([.. group.Order(StringComparer.Ordinal)]);
        }
    }
}
