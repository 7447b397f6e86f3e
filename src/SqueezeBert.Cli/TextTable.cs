namespace SqueezeBert.Cli;

/// <summary>A table of plain text: columns as wide as their widest cell, two spaces apart, numbers on the right.</summary>
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

    public void Write(TextWriter output, bool header = true)
    {
        var widths = _right.Select((_, column) => _rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in header ? _rows : _rows.Skip(1))
        {
            var cells = row.Select((cell, column) => _right[column] ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            output.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }
}
