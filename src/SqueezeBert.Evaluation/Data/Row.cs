using System.Text.Json;
using SqueezeBert.Evaluation.Data;

namespace SqueezeBert.Evaluation;

/// <summary>A row of a data file. Immutable and independent of its reader and of other rows.</summary>
public sealed class Row
{
    private readonly TableColumns? _columns;
    private readonly string _file;

    internal Row(string file, long line, TableColumns columns, IReadOnlyList<string> fields)
    {
        (_file, Line, _columns, Fields) = (file, line, columns, fields);
    }

    internal Row(string file, long line, JsonElement json)
    {
        (_file, Line, Json) = (file, line, json);
        Fields = [];
    }

    /// <summary>The line of the file on which the row starts, counted from 1.</summary>
    public long Line { get; }

    /// <summary>The fields, in the order of the columns. Empty for a JSON row.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>The names of the columns. For a JSON row, the names of its properties.</summary>
    public IReadOnlyList<string> Columns => _columns?.Names ?? [.. Json!.Value.EnumerateObject().Select(property => property.Name)];

    /// <summary>The object, for a row of JSON.</summary>
    internal JsonElement? Json { get; }

    /// <summary>
    /// The value of a column. For a JSON row, a string gives its text, null gives "", and any other value gives its JSON text.
    /// </summary>
    /// <param name="column">The name of the column.</param>
    /// <exception cref="DataFormatException">There is no such column, or there are two of them.</exception>
    public string this[string column]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(column);
            if (Json is not { } json) return Fields[_columns!.IndexOf(column)];
            return json.TryGetProperty(column, out var value) ? JsonText.Of(value)
                : throw TableColumns.Missing(_file, Line, column, Columns);
        }
    }
}
