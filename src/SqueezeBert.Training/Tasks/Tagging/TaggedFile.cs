using System.Globalization;
using SqueezeBert.Evaluation;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Tagging;

/// <summary>
/// Sentences whose words have tags: the columns of CoNLL (one word per line with its tag, and an empty line after each sentence), or JSON
/// lines with a list of words and a list of tags.
/// </summary>
internal static class TaggedFile
{
    /// <summary>The sentences of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="source">Its columns, and how many sentences are read at most.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked before each row.</param>
    /// <exception cref="DataFormatException">A row has no word or no tag, or another number of tags than of words.</exception>
    public static IEnumerable<TaggedRow> Read(string path, DataSource source, CancellationToken cancellationToken) =>
        (IsJson(path, source) ? ReadJson(path, source, cancellationToken) : ReadColumns(path, source, cancellationToken))
            .Take(source.Limit ?? int.MaxValue);

    private static bool IsJson(string path, DataSource source) => source.Format is { } format ? format == TableFormat.JsonLines
        : new[] { ".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz" }.Any(end => path.EndsWith(end, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<TaggedRow> ReadJson(string path, DataSource source, CancellationToken cancellationToken)
    {
        using var reader = TableReader.Open(path, new TableOptions { Format = TableFormat.JsonLines });
        foreach (var row in reader.ReadRows(cancellationToken))
        {
            var words = JsonList.Read(row, source.Text, path);
            var tags = JsonList.Read(row, source.Label, path);
            if (words.Count != tags.Count)
                throw new DataFormatException(path, row.Line, $"{words.Count} words but {tags.Count} tags; each word needs one");
            if (words.Count > 0) yield return new TaggedRow(
                words, tags, row.Line, HasLines: false, source.Intent is { } intent ? row[intent].Trim() : null);
        }
    }

    private static IEnumerable<TaggedRow> ReadColumns(string path, DataSource source, CancellationToken cancellationToken)
    {
        if (source.Intent is not null)
            throw new DataFormatException(path, 1, "intents stand in JSON lines: {\"words\": [...], \"tags\": [...], \"intent\": \"...\"}");
        return ConllReader.Read(path, Column(source.Text) ?? 0, Column(source.Label), cancellationToken).Sentences
            .Select(sentence => new TaggedRow(sentence.Words, sentence.Tags, sentence.Line, HasLines: true));
    }

    // Columns without names are numbered; other names are those of a row of JSON.
    private static int? Column(string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
