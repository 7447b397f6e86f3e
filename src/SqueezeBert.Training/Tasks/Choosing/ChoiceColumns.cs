using System.Globalization;
using SqueezeBert.Evaluation;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Choosing;

/// <summary>A question with its choices.</summary>
/// <param name="Context">What stands before each choice.</param>
/// <param name="Choices">Two or more.</param>
/// <param name="Label">The number of the right one, from 0.</param>
/// <param name="Line">Of the file.</param>
/// <param name="Group">What says which rows belong together.</param>
internal sealed record ChoiceRow(string Context, IReadOnlyList<string> Choices, int Label, long Line, string Group);

/// <summary>
/// Rows with a context, choices and the number of the right one: by the columns that a recipe names; as SWAG has them (sent1, sent2, which
/// begins each choice, and ending0, ending1, …); or "context", "choices" (a JSON array) and "label".
/// </summary>
internal sealed class ChoiceColumns
{
    private const int MaxChoices = 100;
    private const string Context = "context";

    private readonly string _file;
    private readonly DataSource _source;

    private ChoiceColumns(string file, DataSource source)
    {
        _file = file;
        _source = source;
    }

    /// <summary>Streams a file.</summary>
    /// <exception cref="DataFormatException">A column is missing, or a row has no choices or no label among them.</exception>
    public static IEnumerable<ChoiceRow> Read(string path, DataSource source, CancellationToken cancellationToken)
    {
        using var reader = TableReader.Open(path, source.TableOptions);
        var columns = new ChoiceColumns(path, reader.Columns is { } names ? Known(names, source) : source);
        foreach (var column in columns.Names) reader.RequireColumn(column);
        foreach (var row in reader.ReadRows(cancellationToken).Take(source.Limit ?? int.MaxValue))
            yield return columns.Read(row);
    }

    private IEnumerable<string> Names => ((string?[])
        [_source.Text, _source.Pair, _source.Label, _source.Group, .. _source.Choices.Count > 0 ? _source.Choices : ["choices"]])
        .OfType<string>();

    private static DataSource Known(IReadOnlyList<string> names, DataSource source)
    {
        if (source.Text != Context || names.Contains(Context) || !names.Contains("sent1")) return source;
        var endings = Enumerable.Range(0, MaxChoices).Select(i => "ending" + i.ToString(CultureInfo.InvariantCulture))
            .TakeWhile(names.Contains).ToList();
        return source with
        {
            Text = "sent1",
            Pair = source.Pair ?? (names.Contains("sent2") ? "sent2" : null),
            Choices = source.Choices.Count > 0 ? source.Choices : endings,
        };
    }

    private ChoiceRow Read(Row row)
    {
        var choices = _source.Choices.Count > 1 ? [.. _source.Choices.Select(column => row[column])]
            : JsonList.Read(row, _source.Choices.Count == 1 ? _source.Choices[0] : "choices", _file);
        if (choices.Count is < 2 or > MaxChoices)
            throw new DataFormatException(
                _file, row.Line, $"has {choices.Count} choice{(choices.Count == 1 ? "" : "s")}; 2 to {MaxChoices} are needed");
        if (_source.Pair is { } pair) choices = [.. choices.Select(choice => $"{row[pair]} {choice}".Trim())];
        var context = row[_source.Text];
        if (!int.TryParse(row[_source.Label], NumberStyles.None, CultureInfo.InvariantCulture, out var label) || label >= choices.Count)
            throw new DataFormatException(_file, row.Line,
                $"'{row[_source.Label]}' is not the number of a choice: it counts from 0 and there are {choices.Count}");
        return new ChoiceRow(context, choices, label, row.Line, _source.Group is { } group ? row[group] : context);
    }
}
