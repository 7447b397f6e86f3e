namespace SqueezeBert.Evaluation;

/// <summary>Reads labelled texts from data files.</summary>
public static class ExampleReader
{
    /// <summary>
    /// Streams the examples of a file; the file is opened, and its columns are looked up, when the first one is asked for.
    /// </summary>
    /// <param name="path">A file that <see cref="TableReader"/> reads.</param>
    /// <param name="textColumn">The column of the text (a number from 0 for a file without a header).</param>
    /// <param name="pairColumn">The column of the second text, or null.</param>
    /// <param name="labelColumn">The column of the label, or null.</param>
    /// <param name="options">How to read; null to go by the extension.</param>
    /// <param name="cancellationToken">Looked at before each row.</param>
    /// <exception cref="DataFormatException">A column is missing or a row is malformed; the message names file and line.</exception>
    public static IEnumerable<TextExample> Read(
        string path,
        string textColumn,
        string? pairColumn = null,
        string? labelColumn = null,
        TableOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        using var reader = TableReader.Open(path, options);
        foreach (var example in Read(reader, textColumn, pairColumn, labelColumn, cancellationToken)) yield return example;
    }

    /// <summary>Streams the examples of an open table.</summary>
    /// <param name="reader">Gives the rows; stays open.</param>
    /// <param name="textColumn">The column of the text.</param>
    /// <param name="pairColumn">The column of the second text, or null.</param>
    /// <param name="labelColumn">The column of the label, or null.</param>
    /// <param name="cancellationToken">Looked at before each row.</param>
    /// <exception cref="DataFormatException">A column is missing or a row is malformed; the message names file and line.</exception>
    public static IEnumerable<TextExample> Read(
        TableReader reader,
        string textColumn,
        string? pairColumn = null,
        string? labelColumn = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(textColumn);
        return Stream();

        IEnumerable<TextExample> Stream()
        {
            reader.RequireColumn(textColumn);
            if (pairColumn is not null) reader.RequireColumn(pairColumn);
            if (labelColumn is not null) reader.RequireColumn(labelColumn);
            foreach (var row in reader.ReadRows(cancellationToken))
            {
                yield return new TextExample(
                    row[textColumn], pairColumn is null ? null : row[pairColumn], labelColumn is null ? "" : row[labelColumn], row.Line);
            }
        }
    }
}
