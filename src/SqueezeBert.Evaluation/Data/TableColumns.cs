using System.Globalization;
using SqueezeBert.Files;

namespace SqueezeBert.Evaluation.Data;

/// <summary>Names of a table's columns.</summary>
internal sealed class TableColumns
{
    private const int Ambiguous = -1;
    private readonly Dictionary<string, int> _indices = new(StringComparer.Ordinal);
    private readonly string _file;

    public TableColumns(string file, IReadOnlyList<string> names)
    {
        _file = file;
        Names = names;
        for (var i = 0; i < names.Count; i++)
        {
            if (!_indices.TryAdd(names[i], i)) _indices[names[i]] = Ambiguous;
        }
    }

    public IReadOnlyList<string> Names { get; }

    public static TableColumns Numbered(string file, int count) =>
        new(file, [.. Enumerable.Range(0, count).Select(number => number.ToString(CultureInfo.InvariantCulture))]);

    public static DataFormatException Missing(string file, long? line, string column, IReadOnlyList<string> names) =>
        new(file, line, $"no column '{column}'; columns: {NearestNames.List(column, names)}{HintOf(names)}");

    /// <summary>What a file is told that has one column because its separator is another, or nothing.</summary>
    public string Hint => HintOf(Names);

    private static string HintOf(IReadOnlyList<string> names) => names is [var name] && name.Contains(';')
        ? " (its fields seem to be separated by semicolons: say so with --separator ';', or write commas)" : "";

    public int IndexOf(string column)
    {
        if (!_indices.TryGetValue(column, out var index)) throw Missing(_file, null, column, Names);
        return index != Ambiguous ? index : throw new DataFormatException(_file, 1, $"more than one column is called '{column}'");
    }
}
