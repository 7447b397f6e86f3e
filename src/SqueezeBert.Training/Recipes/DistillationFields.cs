using System.Text.Json;

namespace SqueezeBert.Training.Recipes;

/// <summary>The field "losses" of a stage: <see cref="DistillationLosses"/>.</summary>
internal static class DistillationFields
{
    private const double MaxWeight = 1000;

    public static DistillationLosses Read(StrictObject o)
    {
        var defaults = new DistillationLosses();
        var losses = new DistillationLosses
        {
            Cosine = o.Number("cosine", 0, MaxWeight) ?? defaults.Cosine,
            HiddenStates = o.Number("hidden_states", 0, MaxWeight) ?? defaults.HiddenStates,
            Layers = o.Number("layers", 0, MaxWeight) ?? defaults.Layers,
            Attentions = o.Number("attentions", 0, MaxWeight) ?? 0,
            LayerPairs = ReadPairs(o),
            LayersUntil = o.Number("layers_until", 0, 1) ?? defaults.LayersUntil,
            Similarities = o.Number("similarities", 0, MaxWeight) ?? defaults.Similarities,
            Temperature = o.Number("temperature", 1e-3, 100) ?? defaults.Temperature,
            SimilarityTexts = (int)(o.Integer("similarity_texts", 3, 4096) ?? defaults.SimilarityTexts),
        };
        o.End();
        return losses;
    }

    /// <summary>One folder, or a list of them.</summary>
    public static IReadOnlyList<string> ReadTeachers(StrictObject o, string folder)
    {
        if (o.Raw("teacher") is not { } value) return [];
        var names = value.ValueKind == JsonValueKind.Array ? o.Texts("teacher")! : [o.Text("teacher")!];
        return [.. names.Select(name => Path.GetFullPath(name, folder))];
    }

    /// <summary>The field "soft_labels" of a stage.</summary>
    public static SoftLabels ReadSoftLabels(StrictObject o)
    {
        var defaults = new SoftLabels();
        var soft = new SoftLabels
        {
            Weight = o.Number("weight", 0, 1) ?? defaults.Weight,
            Temperature = o.Number("temperature", 0.01, 100) ?? defaults.Temperature,
            MatchLogits = o.Choice("loss", false, ("softmax", false), ("logits", true)),
            HiddenStates = o.Number("hidden_states", 0, MaxWeight) ?? 0,
            Attentions = o.Number("attentions", 0, MaxWeight) ?? 0,
            LayerPairs = ReadPairs(o),
        };
        o.End();
        if (soft.LayerPairs is { } pairs && (pairs.Count == 0 || pairs.DistinctBy(pair => pair.Student).Count() != pairs.Count))
            throw o.Error("layer_pairs", "must be pairs of layers, and each of the student's once: [[1, 3], [2, 6]]");
        return soft;
    }

    private static List<(int Student, int Teacher)>? ReadPairs(StrictObject o)
    {
        if (o.Raw("layer_pairs") is not { } value) return null;
        var pairs = new List<(int, int)>();
        foreach (var pair in value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : throw Error())
        {
            if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2 || !IsLayer(pair[0], out var student)
                || !IsLayer(pair[1], out var teacher)) throw Error();
            pairs.Add((student, teacher));
        }

        return pairs;

        RecipeException Error() => o.Error("layer_pairs", "must be a list of pairs of layers, counted from 1: [[1, 3], [2, 6]]");
    }

    private static bool IsLayer(JsonElement element, out int layer)
    {
        layer = 0;
        return element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out layer) && layer >= 1;
    }
}
