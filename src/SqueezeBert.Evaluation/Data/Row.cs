using System.Text.Json;
using SqueezeBert.Evaluation.Data;

namespace SqueezeBert.Evaluation;

/// <summary>One row of a data file. Independent of its reader and of other rows; immutable.</summary>
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

    /// <summary>The line of the file, counted from 1, on which the row starts.</summary>
    public long Line { get; }

    /// <summary>The fields in the order of the columns; empty for a row of JSON.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>The columns' names; of a row of JSON its properties.</summary>
    public IReadOnlyList<string> Columns => _columns?.Names ?? [.. Json!.Value.EnumerateObject().Select(property => property.Name)];

    /// <summary>The object, for a row of JSON.</summary>
    internal JsonElement? Json { get; }

    /// <summary>
    /// The value of a column. Of a row of JSON: a string's text, "" for null, the JSON of anything else.
    /// </summary>
    /// <exception cref="DataFormatException">There is no such column, or there are two.</exception>
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
