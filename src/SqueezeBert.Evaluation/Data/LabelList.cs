using System.Globalization;

namespace SqueezeBert.Evaluation;

/// <summary>
/// The classes of a model by name, and how a data file's labels find them. Files and checkpoints order the same labels differently, so names come first and
/// numbers second.
/// </summary>
public sealed class LabelList
{
    private readonly Dictionary<string, int> _exact = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _folded = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Creates the list.</summary>
    /// <param name="names">Names in the order of the model's outputs.</param>
    /// <exception cref="ArgumentException">A name occurs twice.</exception>
    public LabelList(IEnumerable<string> names)
    {
        Names = [.. names];
        for (var i = 0; i < Names.Count; i++)
        {
            if (!_exact.TryAdd(Names[i], i)) throw new ArgumentException($"the label '{Names[i]}' occurs twice", nameof(names));
            if (!_folded.TryAdd(Names[i], i)) _folded[Names[i]] = -1;
        }
    }

    /// <summary>Names in the order of the model's outputs.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>
    /// The class of a label: by its name, then by its name in another case, then by its number (0 for the first class).
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
        return TryFind(example.Label, out var index)
            ? index
            : throw new DataFormatException(file, example.Line, $"unknown label '{example.Label}'; labels: {NearestNames.List(example.Label, Names)}");
    }
}
