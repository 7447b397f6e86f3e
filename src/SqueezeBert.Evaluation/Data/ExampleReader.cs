namespace SqueezeBert.Evaluation;

/// <summary>Reads labelled texts from data files.</summary>
public static class ExampleReader
{
    /// <summary>
    /// Streams the examples of a file. The file is opened and its columns are checked when the first example is requested.
    /// </summary>
    /// <param name="path">The path of a file that <see cref="TableReader"/> can read.</param>
    /// <param name="textColumn">The column of the text. In a file without a header, it is a number from 0.</param>
    /// <param name="pairColumn">The column of the second text, or null for none.</param>
    /// <param name="labelColumn">The column of the label, or null for none.</param>
    /// <param name="options">How to read the file. Null determines it from the extension.</param>
    /// <param name="cancellationToken">Cancels reading. It is checked before each row.</param>
    /// <exception cref="DataFormatException">
    /// A column is missing, or a row is malformed. The message names the file and the line.
    /// </exception>
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
    /// <param name="reader">The reader of the table. It is left open.</param>
    /// <param name="textColumn">The column of the text.</param>
    /// <param name="pairColumn">The column of the second text, or null for none.</param>
    /// <param name="labelColumn">The column of the label, or null for none.</param>
    /// <param name="cancellationToken">Cancels reading. It is checked before each row.</param>
    /// <exception cref="DataFormatException">
    /// A column is missing, or a row is malformed. The message names the file and the line.
    /// </exception>
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
