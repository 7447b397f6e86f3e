using System.Globalization;
using System.Text.Json;
using SqueezeBert.Evaluation.Data;
using SqueezeBert.Files;

namespace SqueezeBert.Evaluation;

/// <summary>
/// The class names of a model, and how labels in data files are matched to them. Names are tried before numbers, because files and
/// checkpoints may number the same labels differently.
/// </summary>
public sealed class LabelList
{
    private readonly Dictionary<string, int> _exact = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _folded = new(StringComparer.OrdinalIgnoreCase);
    private readonly bool _areNumbers;

    /// <summary>Creates the list.</summary>
    /// <param name="names">The class names, in the order of the model's outputs.</param>
    /// <param name="values">
    /// The values that data files use instead of a name or a number, for example "1" → "positive". They are tried before the names. Null
    /// means none.
    /// </param>
    /// <exception cref="ArgumentException">A name occurs twice, or a value stands for a label that is not among the names.</exception>
    public LabelList(IEnumerable<string> names, IReadOnlyDictionary<string, string>? values = null)
    {
        Names = [.. names];
        _areNumbers = Names.All(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _));
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

    /// <summary>The class names, in the order of the model's outputs.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The class whose F1 is reported if there are two classes (default 1).</summary>
    public int PositiveClass { get; init; } = 1;

    /// <summary>
    /// Finds the class of a label. It is matched by its value or name, then by its name in another case, then by its number (from 0) unless
    /// all names are whole numbers themselves (stars from 1 to 5).
    /// </summary>
    /// <param name="label">The label in the data file.</param>
    /// <param name="index">Receives the class.</param>
    /// <returns>Whether the label was found.</returns>
    public bool TryFind(string label, out int index)
    {
        ArgumentNullException.ThrowIfNull(label);
        if (_exact.TryGetValue(label, out index)) return true;
        if (_folded.TryGetValue(label, out index) && index >= 0) return true;
        return !_areNumbers && int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out index) && index < Names.Count;
    }

    /// <summary>Finds the class of an example's label, like <see cref="TryFind"/>.</summary>
    /// <param name="example">The example.</param>
    /// <param name="file">The file that the example was read from, for the message.</param>
    /// <exception cref="DataFormatException">The list does not contain the label.</exception>
    public int Find(TextExample example, string file)
    {
        ArgumentNullException.ThrowIfNull(example);
        return Find(example.Label, example.Line, file);
    }

    /// <summary>
    /// Finds the classes of an example with any number of labels. The field is split by <see cref="Split"/>, and each label is found like
    /// in <see cref="TryFind"/>.
    /// </summary>
    /// <param name="example">The example.</param>
    /// <param name="file">The file that the example was read from, for the message.</param>
    /// <exception cref="DataFormatException">The list does not contain one of the labels.</exception>
    public IReadOnlyList<int> FindAll(TextExample example, string file)
    {
        ArgumentNullException.ThrowIfNull(example);
        return [.. Split(example.Label).Select(label => Find(label, example.Line, file))];
    }

    /// <summary>
    /// Splits a field with any number of labels. They are separated by commas, semicolons or white space, or the field is a JSON array of
    /// strings or numbers.
    /// </summary>
    /// <param name="field">The field of the data file.</param>
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

    /// <summary>
    /// Returns the best of these labels in a prediction of a model that may have others as well.
    /// </summary>
    /// <param name="answer">The prediction.</param>
    /// <exception cref="ArgumentException">The model has none of these labels.</exception>
    public string BestOf(Classification answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        foreach (var (label, _) in answer.Labels)
        {
            if (Names.Contains(label)) return label;
        }

        throw new ArgumentException($"the prediction has none of the labels {string.Join(", ", Names)}", nameof(answer));
    }

    private static string[] Separated(string field) =>
        field.Split([',', ';', ' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private int Find(string label, long line, string file) => TryFind(label, out var index)
        ? index
        : throw new DataFormatException(file, line, $"unknown label '{label}'; labels: {NearestNames.List(label, Names)}");
}
