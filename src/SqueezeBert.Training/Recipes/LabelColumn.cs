using System.Globalization;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Training.Recipes;

/// <summary>What the label column of some files holds, found by reading them once.</summary>
/// <param name="Rows">Rows of all files.</param>
/// <param name="Labels">Each value once: whole numbers in their order, else by code point.</param>
/// <param name="IsFractional">All values are numbers, not all of them whole.</param>
internal sealed record LabelColumn(long Rows, IReadOnlyList<string> Labels, bool IsFractional)
{
    // Beyond this a column holds numbers or texts rather than names; stopping there also bounds the memory.
    private const int MaxLabels = 1000;

    /// <param name="files">Tables.</param>
    /// <param name="options">How they are written.</param>
    /// <param name="text">Column of the text, only checked to be there.</param>
    /// <param name="pair">Column of a second text, or null.</param>
    /// <param name="label">Column of the label.</param>
    /// <param name="split">Whether a row may name several labels.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <exception cref="DataFormatException">A column is missing, or a row is malformed or without a label.</exception>
    public static LabelColumn Read(
        IReadOnlyList<string> files, TableOptions options, string text, string? pair, string label, bool split,
        CancellationToken cancellationToken)
    {
        var rows = 0L;
        var values = new HashSet<string>(StringComparer.Ordinal);
        var (areNumbers, areWhole) = (true, true);
        foreach (var file in files)
        {
            using var reader = TableReader.Open(file, options);
            foreach (var column in new[] { text, label, pair })
            {
                if (column is not null) reader.RequireColumn(column);
            }

            foreach (var row in reader.ReadRows(cancellationToken))
            {
                rows++;
                foreach (var value in split ? LabelList.Split(row[label]) : [row[label].Trim()]) Add(value, reader.Name, row.Line);
            }
        }

        return new LabelColumn(rows, Sorted(values, areNumbers && areWhole), areNumbers && !areWhole);

        void Add(string value, string file, long line)
        {
            if (value.Length == 0) throw new DataFormatException(file, line, $"the label (column '{label}') is empty");
            if (areNumbers)
            {
                areNumbers = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                    && double.IsFinite(number);
                areWhole = areWhole && number == Math.Floor(number);
            }

            if (values.Count <= MaxLabels) values.Add(value);
        }
    }

    /// <summary>The column for a classifier.</summary>
    /// <exception cref="DataFormatException">It has too many values for one.</exception>
    public IReadOnlyList<string> Classes(string file, string label) => Labels.Count <= MaxLabels ? Labels : throw new DataFormatException(
        file, null,
        $"column '{label}' has more than {MaxLabels} different values, too many for labels; if they are numbers to predict, use --task " +
            "regression, else name another column");

    private static List<string> Sorted(IEnumerable<string> values, bool asNumbers) =>
        [.. values.OrderBy(value => asNumbers ? double.Parse(value, NumberStyles.Float, CultureInfo.InvariantCulture) : 0)
            .ThenBy(value => value, StringComparer.Ordinal)];
}
