using System.Globalization;

namespace SqueezeBert.Training.Starts;

/// <summary>Which of a teacher's layers a student has, and the names that the student's parameters have in the teacher.</summary>
internal sealed class LayerSelection
{
    /// <summary>What the numbered layers of a supported architecture are called: "encoder.layer.3.", "encoder.layers.3.".</summary>
    private static readonly HashSet<string> Layers = ["layer", "layers"];

    /// <param name="layers">Numbers of the teacher's layers from 0, ascending; null: all.</param>
    /// <param name="layerCount">Layers of the teacher.</param>
    /// <exception cref="ArgumentException">There is no such layer, or they do not ascend; the message names it.</exception>
    public LayerSelection(IReadOnlyList<int>? layers, int layerCount)
    {
        Kept = layers is null ? [.. Enumerable.Range(0, layerCount)] : [.. layers];
        if (Kept.Count == 0) throw new ArgumentException("no layer is kept; name at least one", nameof(layers));
        for (var i = 0; i < Kept.Count; i++)
        {
            if (Kept[i] < 0 || Kept[i] >= layerCount)
            {
                throw new ArgumentException(
                    Invariant($"there is no layer {Kept[i]} to keep: the teacher's {layerCount} layers are 0 to {layerCount - 1}"),
                    nameof(layers));
            }

            if (i > 0 && Kept[i] <= Kept[i - 1])
                throw new ArgumentException(Invariant($"the layers to keep must ascend: {Kept[i]} follows {Kept[i - 1]}"), nameof(layers));
        }
    }

    /// <summary>The teacher's layer for each of the student's.</summary>
    public IReadOnlyList<int> Kept { get; }

    /// <summary>The teacher's name of a student's parameter where both have the same architecture.</summary>
    public string TeacherName(string name)
    {
        var parts = name.Split('.');
        for (var i = 1; i < parts.Length; i++)
        {
            if (!Layers.Contains(parts[i - 1])) continue;
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out var layer)) continue;
            parts[i] = Kept[layer].ToString(CultureInfo.InvariantCulture);
            return string.Join('.', parts);
        }

        return name;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
