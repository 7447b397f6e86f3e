using SqueezeBert.Evaluation;

namespace SqueezeBert.Cli.Texts;

/// <summary>
/// Writes a table's rows with the answers added, under names that the table does not have yet: the names of a file with a header are known
/// at once, those of JSON lines with the first row.
/// </summary>
internal sealed class TableAnswers<T> : AnswerWriter<T>
{
    private const string PrefixOfTakenNames = "predicted_";

    private readonly TableWriter _output;
    private readonly string _file;
    private readonly string? _prefix;
    private readonly AnswerFormat<T> _format;
    private string[]? _added;

    /// <summary>Creates the writer, which writes the header if there is one.</summary>
    /// <param name="output">Takes the rows.</param>
    /// <param name="reader">Gives the rows.</param>
    /// <param name="prefix">What added names start with; null: nothing, or "predicted_" where one is taken.</param>
    /// <param name="format">Names and values of what is added.</param>
    public TableAnswers(TableWriter output, TableReader reader, string? prefix, AnswerFormat<T> format)
    {
        (_output, _file, _prefix, _format) = (output, reader.Name, prefix, format);
        if (reader.Columns is not { } columns) return;
        _added = Names(reader.HasHeader || IsJson ? columns : [], 1);
        if (reader.HasHeader) output.WriteHeader([.. columns, .. _added]);
    }

    private bool IsJson => _output.Format == TableFormat.JsonLines;

    public override void Write(InputText input, T answer)
    {
        var row = input.Row!;
        if (_added is null) _added = Names(row.Json is null ? [] : row.Columns, row.Line);
        else if (row.Json is not null) Check(_added, row.Columns, row.Line);
        _output.WriteRow(row,
            [.. IsJson ? _added.Zip(_format.Values(answer), Field)
                : _added.Zip(_format.Fields(answer), (name, value) => new TableField(name, value))]);
    }

    private string[] Names(IReadOnlyList<string> columns, long line)
    {
        var names = IsJson ? _format.Names : _format.Columns;
        var prefix = _prefix ?? (names.Any(columns.Contains) ? PrefixOfTakenNames : "");
        string[] added = [.. names.Select(name => prefix + name)];
        Check(added, columns, line);
        return added;
    }

    private void Check(string[] added, IReadOnlyList<string> columns, long line)
    {
        foreach (var name in added)
        {
            if (columns.Contains(name)) throw new DataFormatException(
                _file, line, $"there is a column '{name}' already: give the added ones another name with --prefix");
        }
    }
}
