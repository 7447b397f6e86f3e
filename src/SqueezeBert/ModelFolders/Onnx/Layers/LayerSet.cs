using SqueezeBert.ModelFolders.Onnx.Format;

namespace SqueezeBert.ModelFolders.Onnx.Layers;

/// <summary>Keeps one object for equal layers, in an order in which inputs precede their uses.</summary>
internal sealed class LayerSet
{
    private readonly Dictionary<string, Layer> _byKey = new(StringComparer.Ordinal);

    public List<Layer> All { get; } = [];

    public T Add<T>(T layer, OnnxNode origin)
        where T : Layer
    {
        var key = layer.Key;
        if (_byKey.TryGetValue(key, out var known)) return (T)known;
        layer.Id = All.Count;
        layer.Origin = origin;
        All.Add(layer);
        _byKey.Add(key, layer);
        return layer;
    }
}
