using System.Globalization;

namespace SqueezeBert.Benchmarks.Measuring;

/// <summary>A Markdown table that is written row by row, as the measurements come, and can be pasted into docs/results.</summary>
internal sealed class Table
{
    private const int TextWidth = 18, NumberWidth = 8;
    private readonly TextWriter _output;
    private readonly (int Width, bool IsNumber)[] _columns;

    /// <param name="output">Where to.</param>
    /// <param name="headers">A column each; those that end in a colon hold numbers and are set on the right, like ---: in Markdown.</param>
    public Table(TextWriter output, params string[] headers)
    {
        _output = output;
        _columns =
            [.. headers.Select(header => (Math.Max(header.EndsWith(':') ? NumberWidth : TextWidth, header.TrimEnd(':').Length),
                header.EndsWith(':')))];
        Row([.. headers.Select(header => header.TrimEnd(':'))]);
        var lines =
            _columns.Select(column => column.IsNumber ? new string('-', column.Width + 1) + ":" : new string('-', column.Width + 2));
        output.WriteLine($"|{string.Join('|', lines)}|");
    }

    /// <summary>Writes a row; a cell too many or too few is a mistake of the caller.</summary>
    public void Row(params string[] cells)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(cells.Length, _columns.Length, nameof(cells));
        var padded = cells.Select((cell, i) => _columns[i].IsNumber ? cell.PadLeft(_columns[i].Width) : cell.PadRight(_columns[i].Width));
        _output.WriteLine($"| {string.Join(" | ", padded)} |");
        _output.Flush();
    }

    public static string Milliseconds(double seconds) =>
        (seconds * 1e3).ToString(seconds < 1e-3 ? "0.0000" : seconds < 0.1 ? "0.00" : "0.0", CultureInfo.InvariantCulture);

    public static string Percent(double share) => share.ToString("0.0%", CultureInfo.InvariantCulture);

    public static string Ratio(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);

    public static string Megabytes(double bytes) => (bytes / 1e6).ToString("0.0", CultureInfo.InvariantCulture);

    public static string Whole(double value) => value.ToString("0", CultureInfo.InvariantCulture);
}
