using System.Globalization;
using SqueezeBert.Evaluation;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Tagging;

/// <summary>
/// Sentences whose words have tags: columns as CoNLL has them (a word a line with its tag, an empty line behind a sentence), or JSON lines
/// with a list of words and one of tags.
/// </summary>
internal static class TaggedFile
{
    private const string DocumentStart = "-DOCSTART-";

    /// <summary>Streams a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="source">Its columns, and how many sentences are read at most.</param>
    /// <param name="cancellationToken">Looked at before each row.</param>
    /// <exception cref="DataFormatException">A row has no word or no tag, or another number of tags than of words.</exception>
    public static IEnumerable<TaggedSentence> Read(string path, DataSource source, CancellationToken cancellationToken) =>
        (IsJson(path, source) ? ReadJson(path, source, cancellationToken) : ReadColumns(path, source, cancellationToken))
            .Take(source.Limit ?? int.MaxValue);

    private static bool IsJson(string path, DataSource source) => source.Format is { } format ? format == TableFormat.JsonLines
        : new[] { ".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz" }.Any(end => path.EndsWith(end, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<TaggedSentence> ReadJson(string path, DataSource source, CancellationToken cancellationToken)
    {
        using var reader = TableReader.Open(path, new TableOptions { Format = TableFormat.JsonLines });
        foreach (var row in reader.ReadRows(cancellationToken))
        {
            var words = JsonList.Read(row, source.Text, path);
            var tags = JsonList.Read(row, source.Label, path);
            if (words.Count != tags.Count)
                throw new DataFormatException(path, row.Line, $"{words.Count} words but {tags.Count} tags; each word needs one");
            if (words.Count > 0) yield return new TaggedSentence(
                words, tags, row.Line, HasLines: false, source.Intent is { } intent ? row[intent].Trim() : null);
        }
    }

    private static IEnumerable<TaggedSentence> ReadColumns(string path, DataSource source, CancellationToken cancellationToken)
    {
        if (source.Intent is not null)
            throw new DataFormatException(path, 1, "intents stand in JSON lines: {\"words\": [...], \"tags\": [...], \"intent\": \"...\"}");
        var (word, tag) = (Column(source.Text), Column(source.Label));
        var (words, tags, first) = (new List<string>(), new List<string>(), 0L);
        using var reader = TableReader.Open(path, new TableOptions { Format = TableFormat.Lines });
        foreach (var row in reader.ReadRows(cancellationToken))
        {
            var line = row.Fields[0];
            var fields = line.Contains('\t', StringComparison.Ordinal) ? line.Split('\t')
                : line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.All(string.IsNullOrWhiteSpace))
            {
                if (words.Count > 0) yield return new TaggedSentence([.. words], [.. tags], first, HasLines: true);
                words.Clear();
                tags.Clear();
                continue;
            }

            if (fields[0] == DocumentStart) continue;
            if (fields.Length < 2)
                throw new DataFormatException(path, row.Line, "a line needs a word and its tag, separated by a tab or a space");
            if (words.Count == 0) first = row.Line;
            words.Add(Field(fields, word ?? 0, row.Line));
            tags.Add(Field(fields, tag ?? fields.Length - 1, row.Line));
        }

        if (words.Count > 0) yield return new TaggedSentence(words, tags, first, HasLines: true);

        string Field(string[] fields, int column, long line)
        {
            if (column < fields.Length && !string.IsNullOrWhiteSpace(fields[column])) return fields[column].Trim();
            throw new DataFormatException(path, line, $"the line has no column {column.ToString(CultureInfo.InvariantCulture)}");
        }
    }

    // Columns without names are numbered; other names are those of a row of JSON.
    private static int? Column(string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
