using SqueezeBert.ModelFolders.Onnx.Layers;

namespace SqueezeBert.ModelFolders.Onnx.Recognition;

/// <summary>The layers that outputs depend on, in an order in which inputs precede their uses, and which layer reads which.</summary>
internal sealed class ReachableLayers
{
    private readonly Dictionary<Layer, List<Layer>> _users = [];

    public ReachableLayers(IEnumerable<Layer> outputs)
    {
        var pending = new Stack<Layer>(outputs);
        var seen = new HashSet<Layer>();
        while (pending.TryPop(out var layer))
        {
            if (!seen.Add(layer)) continue;
            foreach (var input in layer.Inputs)
            {
                if (!_users.TryGetValue(input, out var users)) _users.Add(input, users = []);
                if (users.Count == 0 || !ReferenceEquals(users[^1], layer)) users.Add(layer);
                pending.Push(input);
            }
        }

        All = [.. seen.OrderBy(layer => layer.Id)];
    }

    public IReadOnlyList<Layer> All { get; }

    /// <summary>Returns the first layer of a type that reads another layer.</summary>
    public T? UserOf<T>(Layer? layer)
        where T : Layer => layer is not null && _users.TryGetValue(layer, out var users) ? users.OfType<T>().MinBy(user => user.Id) : null;
}
