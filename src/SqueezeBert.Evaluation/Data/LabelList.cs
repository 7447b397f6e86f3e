using System.Globalization;
using System.Text.Json;
using SqueezeBert.Evaluation.Data;
using SqueezeBert.Files;

namespace SqueezeBert.Evaluation;

/// <summary>
/// The classes of a model by name, and how a data file's labels find them. Files and checkpoints order the same labels differently, so
/// names come first and numbers second.
/// </summary>
public sealed class LabelList
{
    private readonly Dictionary<string, int> _exact = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _folded = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Creates the list.</summary>
    /// <param name="names">Names in the order of the model's outputs.</param>
    /// <param name="values">What data files write instead of a name (or of a number): "1" → "positive". They come before the names; null:
    /// none.</param>
    /// <exception cref="ArgumentException">A name occurs twice, or a value stands for a label that is not among the names.</exception>
    public LabelList(IEnumerable<string> names, IReadOnlyDictionary<string, string>? values = null)
    {
        Names = [.. names];
        for (var i = 0; i < Names.Count; i++)
        {
            if (!_exact.TryAdd(Names[i], i)) throw new ArgumentException($"the label '{Names[i]}' occurs twice", nameof(names));
            if (!_folded.TryAdd(Names[i], i)) _folded[Names[i]] = -1;
        }

        if (values is null) return;
        var found = values.ToDictionary(pair => pair.Key, pair => TryFind(pair.Value, out var index)
            ? index
            : throw new ArgumentException(
                $"'{pair.Key}' stands for '{pair.Value}', which is no label; labels: {NearestNames.List(pair.Value, Names)}",
                nameof(values)));
        foreach (var (value, index) in found) _exact[value] = index;
    }

    /// <summary>Names in the order of the model's outputs.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Of two classes the one whose F1 is reported.</summary>
    public int PositiveClass { get; init; } = 1;

    /// <summary>
    /// The class of a label: by its value or name, then by its name in another case, then by its number (0 for the first class).
    /// </summary>
    public bool TryFind(string label, out int index)
    {
        ArgumentNullException.ThrowIfNull(label);
        if (_exact.TryGetValue(label, out index)) return true;
        if (_folded.TryGetValue(label, out index) && index >= 0) return true;
        return int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out index) && index < Names.Count;
    }

    /// <summary>The class of an example's label, as <see cref="TryFind"/>.</summary>
    /// <param name="example">The example.</param>
    /// <param name="file">The file that it was read from, for the message.</param>
    /// <exception cref="DataFormatException">The list has no such label.</exception>
    public int Find(TextExample example, string file)
    {
        ArgumentNullException.ThrowIfNull(example);
        return Find(example.Label, example.Line, file);
    }

    /// <summary>The classes of an example that has any number of labels: <see cref="Split"/>, then each as <see cref="TryFind"/>.</summary>
    /// <param name="example">The example.</param>
    /// <param name="file">The file that it was read from, for the message.</param>
    /// <exception cref="DataFormatException">The list lacks one of the labels.</exception>
    public IReadOnlyList<int> FindAll(TextExample example, string file)
    {
        ArgumentNullException.ThrowIfNull(example);
        return [.. Split(example.Label).Select(label => Find(label, example.Line, file))];
    }

    /// <summary>
    /// The labels of a field that holds any number of them: separated by commas, semicolons or white space, or a JSON array of strings or
    /// numbers.
    /// </summary>
    public static IReadOnlyList<string> Split(string field)
    {
        ArgumentNullException.ThrowIfNull(field);
        if (!field.StartsWith('[')) return Separated(field);
        try
        {
            using var array = JsonDocument.Parse(field);
            return [.. array.RootElement.EnumerateArray().Select(JsonText.Of)];
        }
        catch (JsonException)
        {
            return Separated(field);
        }
    }

    private static string[] Separated(string field) =>
        field.Split([',', ';', ' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private int Find(string label, long line, string file) => TryFind(label, out var index)
        ? index
        : throw new DataFormatException(file, line, $"unknown label '{label}'; labels: {NearestNames.List(label, Names)}");
}
