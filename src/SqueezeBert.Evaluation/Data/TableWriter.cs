using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SqueezeBert.Evaluation.Data;

namespace SqueezeBert.Evaluation;

/// <summary>
/// Writes the rows of a table. Rows that were read from a file can be copied with added columns. Fields are quoted if the format requires
/// it, and JSON objects keep their properties and their order. Lines end with LF. Not thread-safe.
/// </summary>
public sealed class TableWriter : IDisposable
{
    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly TextWriter _writer;
    private readonly bool _leaveOpen;
    private readonly ArrayBufferWriter<byte> _json = new();

    /// <summary>Creates a writer on a text writer.</summary>
    /// <param name="writer">The text writer that receives the rows.</param>
    /// <param name="format">The format to write.</param>
    /// <param name="leaveOpen">Whether the text writer is not disposed with this writer.</param>
    public TableWriter(TextWriter writer, TableFormat format, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _writer = writer;
        Format = format;
        _leaveOpen = leaveOpen;
    }

    /// <summary>The format that is written.</summary>
    public TableFormat Format { get; }

    /// <summary>The separator of the fields of a CSV file (default ',').</summary>
    public char Separator { get; init; } = ',';

    /// <summary>Writes the names of the columns. JSON lines and plain text have no header.</summary>
    /// <param name="columns">The names of the columns.</param>
    public void WriteHeader(IEnumerable<string> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        if (Format is TableFormat.JsonLines or TableFormat.Lines) return;
        WriteFields(columns);
    }

    /// <summary>Writes a row that was read, followed by added values. Plain text becomes tab-separated if values are added.</summary>
    /// <param name="row">The row.</param>
    /// <param name="added">The values to add.</param>
    /// <exception cref="ArgumentException">A value contains a tab or a line break, and the format has no quoting.</exception>
    public void WriteRow(Row row, params ReadOnlySpan<TableField> added)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (Format == TableFormat.JsonLines)
        {
            WriteObject(row, added);
            return;
        }

        var fields = new List<string>(row.Fields.Count + added.Length);
        if (row.Json is { } json) fields.AddRange(json.EnumerateObject().Select(property => JsonText.Of(property.Value)));
        else fields.AddRange(row.Fields);
        foreach (var field in added) fields.Add(field.Value);
        WriteFields(fields);
    }

    /// <summary>Writes a row of values.</summary>
    /// <param name="fields">The values.</param>
    /// <exception cref="ArgumentException">A value contains a tab or a line break, and the format has no quoting.</exception>
    public void WriteRow(params ReadOnlySpan<TableField> fields)
    {
        if (Format == TableFormat.JsonLines)
        {
            WriteObject(null, fields);
            return;
        }

        var values = new List<string>(fields.Length);
        foreach (var field in fields) values.Add(field.Value);
        WriteFields(values);
    }

    /// <summary>Flushes everything that was written to the underlying writer.</summary>
    public void Flush() => _writer.Flush();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_leaveOpen) _writer.Flush();
        else _writer.Dispose();
    }

    private void WriteFields(IEnumerable<string> fields)
    {
        var first = true;
        foreach (var field in fields)
        {
            if (!first) _writer.Write(Format == TableFormat.Csv ? Separator : '\t');
            first = false;
            if (Format is TableFormat.Csv or TableFormat.QuotedTsv)
                QuotedFields.Write(_writer, field, Format == TableFormat.Csv ? Separator : '\t');
            else WriteRaw(field);
        }

        _writer.Write('\n');
    }

    private void WriteRaw(string field)
    {
        if (field.AsSpan().IndexOfAny('\t', '\n') >= 0 && !(Format == TableFormat.Lines && !field.Contains('\n')))
            throw new ArgumentException("a tab or a line break cannot be written as raw text: choose quoted-tsv, csv or jsonl",
                nameof(field));
        _writer.Write(field);
    }

    private void WriteObject(Row? row, ReadOnlySpan<TableField> added)
    {
        _json.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_json, JsonOptions))
        {
            writer.WriteStartObject();
            if (row?.Json is { } json)
            {
                foreach (var property in json.EnumerateObject())
                {
                    if (!Replaced(property, added)) Write(writer, property);
                }
            }
            else if (row is not null)
            {
                for (var i = 0; i < row.Fields.Count; i++) writer.WriteString(row.Columns[i], row.Fields[i]);
            }

            foreach (var field in added)
            {
                writer.WritePropertyName(field.Column);
                if (field.IsJson) writer.WriteRawValue(field.Value);
                else writer.WriteStringValue(field.Value);
            }

            writer.WriteEndObject();
        }

        _writer.Write(Encoding.UTF8.GetString(_json.WrittenSpan));
        _writer.Write('\n');
    }

    // The platform refuses to write half of a surrogate pair, which may stand in a text; its escape passes as it is.
    private static void Write(Utf8JsonWriter writer, JsonProperty property)
    {
        var json = property.Value.GetRawText();
        if (!json.Contains("\\ud", StringComparison.OrdinalIgnoreCase))
        {
            property.WriteTo(writer);
            return;
        }

        writer.WritePropertyName(property.Name);
        writer.WriteRawValue(json, skipInputValidation: true);
    }

    // An object must not name a property twice: a value that is added replaces one of the same name.
    private static bool Replaced(JsonProperty property, ReadOnlySpan<TableField> added)
    {
        foreach (var field in added)
        {
            if (property.NameEquals(field.Column)) return true;
        }

        return false;
    }
}
