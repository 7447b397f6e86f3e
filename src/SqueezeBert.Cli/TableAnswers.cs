using System.Globalization;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Cli;

/// <summary>
/// Writes a table's rows with the answers added, under names that the table does not have yet: the names of a file with a header are known at once, those of JSON lines with the first row.
/// </summary>
internal sealed class TableAnswers : ClassificationWriter
{
    private const string PrefixOfTakenNames = "predicted_";

    private readonly TableWriter _output;
    private readonly string _file;
    private readonly string? _prefix;
    private readonly int? _top;
    private readonly int _labelCount;
    private ClassificationWriter? _writer;
    private string[] _added = [];

    /// <summary>Creates the writer, which writes the header if there is one.</summary>
    /// <param name="output">Takes the rows.</param>
    /// <param name="reader">Gives the rows.</param>
    /// <param name="prefix">What added names start with; null: nothing, or "predicted_" where one is taken.</param>
    /// <param name="top">Labels a row; null: one, and all of them in JSON.</param>
    /// <param name="labelCount">Labels of the model.</param>
    public TableAnswers(TableWriter output, TableReader reader, string? prefix, int? top, int labelCount)
    {
        (_output, _file, _prefix, _top, _labelCount) = (output, reader.Name, prefix, top, labelCount);
        if (reader.Columns is not { } columns) return;
        var hasNames = reader.HasHeader || output.Format == TableFormat.JsonLines;
        Begin(hasNames ? columns : [], 1);
        if (reader.HasHeader) output.WriteHeader([.. columns, .. _added]);
    }

    public override void Write(string text, Row? row, Classification answer)
    {
        if (row!.Json is not null)
        {
            if (_writer is null) Begin(row.Columns, row.Line);
            else Check(row.Columns, row.Line);
        }
        else if (_writer is null)
        {
            Begin([], row.Line);
        }

        _writer!.Write(text, row, answer);
    }

    private void Begin(IReadOnlyList<string> columns, long line)
    {
        var names = new AnswerColumns(_prefix ?? "");
        if (_prefix is null && Added(names).Any(columns.Contains)) names = new AnswerColumns(PrefixOfTakenNames);
        _added = [.. Added(names)];
        Check(columns, line);
        _writer = _output.Format == TableFormat.JsonLines
            ? new JsonClassificationWriter(_output, names, _top ?? int.MaxValue)
            : new FieldsClassificationWriter(_output, FieldLabels);
    }

    private int FieldLabels => Math.Min(_top ?? 1, _labelCount);

    private IEnumerable<string> Added(AnswerColumns names)
    {
        if (_output.Format == TableFormat.JsonLines) return [names.Label, names.Score, names.Labels, names.Truncated];
        return Enumerable.Range(1, FieldLabels)
            .Select(i => i == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"_{i}"))
            .SelectMany(suffix => (string[])[names.Label + suffix, names.Score + suffix]);
    }

    private void Check(IReadOnlyList<string> columns, long line)
    {
        foreach (var name in _added)
        {
            if (columns.Contains(name)) throw new DataFormatException(_file, line, $"there is a column '{name}' already: give the added ones another name with --prefix");
        }
    }
}

/// <summary>Names of what `classify` adds to a row.</summary>
internal sealed record AnswerColumns(string Prefix)
{
    public string Label => Prefix + "label";

    public string Score => Prefix + "score";

    public string Labels => Prefix + "labels";

    public string Truncated => Prefix + "truncated";
}
