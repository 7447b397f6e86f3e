using System.Collections.ObjectModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.Configuration;

/// <summary>
/// The field "pruned_heads" of a config.json: an object that maps the number of a layer to the list of its removed heads.
/// </summary>
internal static class HeadPruning
{
    public const string Field = "pruned_heads";

    public static IReadOnlyDictionary<int, IReadOnlyList<int>> None { get; } = ReadOnlyDictionary<int, IReadOnlyList<int>>.Empty;

    /// <exception cref="InvalidModelFileException">The field has another form.</exception>
    public static IReadOnlyDictionary<int, IReadOnlyList<int>> Read(ConfigurationFields fields)
    {
        if (fields.Json[Field] is not { } value) return None;
        if (value is not JsonObject layers) throw fields.Error(Field, "must be an object from a layer's number to a list of its heads");
        if (layers.Count == 0) return None;
        var pruned = new SortedDictionary<int, IReadOnlyList<int>>();
        foreach (var (name, heads) in layers)
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var layer) || !pruned.TryAdd(layer, Heads(heads)))
                throw fields.Error(Field, $"has '{MessagePart.OneLine(name)}' where the number of a layer is meant, each once");
        }

        return pruned;

        int[] Heads(JsonNode? node) => node is JsonArray list
            ? [.. list.Select(item => item?.GetValueKind() == JsonValueKind.Number && item.AsValue().TryGetValue(out int head)
                ? head : throw fields.Error(Field, "has a head that is not a whole number"))]
            : throw fields.Error(Field, "must be an object from a layer's number to a list of its heads");
    }

    public static JsonObject Write(IReadOnlyDictionary<int, IReadOnlyList<int>> pruned) => new(
        pruned.OrderBy(layer => layer.Key).Select(layer => KeyValuePair.Create(
            layer.Key.ToString(CultureInfo.InvariantCulture),
            (JsonNode?)new JsonArray([.. layer.Value.Select(head => JsonValue.Create(head))]))));

    /// <summary>Returns a copy that is independent of the original.</summary>
    public static IReadOnlyDictionary<int, IReadOnlyList<int>> Copy(IReadOnlyDictionary<int, IReadOnlyList<int>> pruned) =>
        pruned.Count == 0 ? None : pruned.ToDictionary(layer => layer.Key, layer => (IReadOnlyList<int>)[.. layer.Value]);

    /// <summary>Returns the field for a model that keeps only some of the layers, in their order.</summary>
    public static IReadOnlyDictionary<int, IReadOnlyList<int>> OfLayers(
        IReadOnlyDictionary<int, IReadOnlyList<int>> pruned, IReadOnlyList<int> kept)
    {
        var result = new Dictionary<int, IReadOnlyList<int>>();
        for (var layer = 0; layer < kept.Count; layer++)
        {
            if (pruned.TryGetValue(kept[layer], out var heads)) result.Add(layer, heads);
        }

        return result;
    }

    /// <exception cref="InvalidModelFileException">There is no such layer or head, or a layer is left without a head.</exception>
    public static void Check(ConfigurationChecks check, ModelConfiguration configuration)
    {
        if (configuration.PrunedHeads.Count > 0 && !configuration.Layout.HasPrunedHeads)
            throw check.Error(Field, $"is not for a model of type '{configuration.ModelType}'; leave it out");
        foreach (var (layer, heads) in configuration.PrunedHeads)
        {
            if (layer < 0 || layer >= configuration.LayerCount)
                throw check.Error(Field, $"names layer {layer}; the model's {configuration.LayerCount} layers are numbered from 0");
            if (heads.Any(head => head < 0 || head >= configuration.HeadCount) || heads.Distinct().Count() != heads.Count)
                throw check.Error(Field, $"must have, for layer {layer}, numbers from 0 to {configuration.HeadCount - 1}, each once");
            if (heads.Count == configuration.HeadCount)
                throw check.Error(Field, $"leaves layer {layer} without a head; a layer needs at least one");
        }
    }
}
