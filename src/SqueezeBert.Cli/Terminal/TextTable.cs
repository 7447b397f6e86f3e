using SqueezeBert.Evaluation.Metrics;

namespace SqueezeBert.Cli.Terminal;

/// <summary>A table of plain text that is filled row by row.</summary>
internal sealed class TextTable
{
    private readonly List<string[]> _rows = [];
    private readonly bool[] _right;

    /// <param name="headers">A name for each column; one that ends in '>' is set on the right.</param>
    public TextTable(params string[] headers)
    {
        _right = [.. headers.Select(header => header.EndsWith('>'))];
        _rows.Add([.. headers.Select(header => header.TrimEnd('>'))]);
    }

    public void Add(params string[] cells)
    {
        if (cells.Length != _right.Length) throw new ArgumentException($"{cells.Length} cells for {_right.Length} columns", nameof(cells));
        _rows.Add(cells);
    }

    public void Write(TextWriter output, bool header = true) =>
        PlainTable.Write(output, header ? _rows : _rows[1..], column => _right[column]);
}
