using System.Globalization;

namespace SqueezeBert.Evaluation;

/// <summary>Documents, queries, and which documents are relevant to which query.</summary>
/// <param name="Name">The folder.</param>
/// <param name="Documents">Ids and texts; of a document with a title, title and text.</param>
/// <param name="Queries">Ids and texts of the queries that have judgements, in the order of the file.</param>
/// <param name="Judgements">For each query's id, the gain of each relevant document's id; above 0.</param>
public sealed record RetrievalSet(
    string Name,
    IReadOnlyList<(string Id, string Text)> Documents,
    IReadOnlyList<(string Id, string Text)> Queries,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Judgements);

/// <summary>
/// Reads folders in the layout of BEIR: corpus.jsonl (_id, title, text), queries.jsonl (_id, text) and qrels/SPLIT.tsv (query-id,
/// corpus-id, score); each plain or gzip with ".gz" behind its name.
/// </summary>
public static class RetrievalReader
{
    private const string Id = "_id";

    /// <summary>Reads a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="split">Which file of judgements.</param>
    /// <param name="cancellationToken">Looked at before each row.</param>
    /// <exception cref="FileNotFoundException">A file is missing; the message has the nearest names.</exception>
    /// <exception cref="DataFormatException">
    /// A row is malformed, an id is there twice, a judgement names a query that is not there; the message names file and line.
    /// </exception>
    public static RetrievalSet Read(string folder, string split = "test", CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(split);
        var documents = ReadTexts(Find(folder, "corpus.jsonl"), cancellationToken);
        var queries = ReadTexts(Find(folder, "queries.jsonl"), cancellationToken);
        var known = queries.Select(query => query.Id).ToHashSet(StringComparer.Ordinal);
        var judgements = new Dictionary<string, IReadOnlyDictionary<string, double>>(StringComparer.Ordinal);
        var path = Find(folder, Path.Combine("qrels", $"{split}.tsv"));
        using var reader = TableReader.Open(path, new TableOptions { Format = TableFormat.Tsv });
        foreach (var row in reader.ReadRows(cancellationToken))
        {
            var (query, document, score) = (row["query-id"], row["corpus-id"], row["score"]);
            if (!known.Contains(query)) throw new DataFormatException(path, row.Line, $"there is no query '{query}' in queries.jsonl");
            if (!double.TryParse(score, NumberStyles.Float, CultureInfo.InvariantCulture, out var gain) || !double.IsFinite(gain))
                throw new DataFormatException(path, row.Line, $"'{score}' is not a number, which the score of a judgement is");
            if (!judgements.TryGetValue(query, out var relevant))
                judgements[query] = relevant = new Dictionary<string, double>(StringComparer.Ordinal);
            if (gain > 0 && !((Dictionary<string, double>)relevant).TryAdd(document, gain))
                throw new DataFormatException(path, row.Line, $"'{document}' was judged for '{query}' before");
        }

        var asked = queries.Where(query => judgements.ContainsKey(query.Id)).ToList();
        return asked.Count > 0 ? new RetrievalSet(folder, documents, asked, judgements)
            : throw new DataFormatException(path, null, "there is no judgement");
    }

    private static string Find(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return !File.Exists(path) && File.Exists($"{path}.gz") ? $"{path}.gz" : path;
    }

    private static List<(string Id, string Text)> ReadTexts(string path, CancellationToken cancellationToken)
    {
        var texts = new List<(string, string)>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        using var reader = TableReader.Open(path, new TableOptions { Format = TableFormat.JsonLines });
        foreach (var row in reader.ReadRows(cancellationToken))
        {
            var title = row.Columns.Contains("title") ? row["title"] : "";
            if (!ids.Add(row[Id])) throw new DataFormatException(path, row.Line, $"the id '{row[Id]}' was there before");
            texts.Add((row[Id], title.Length == 0 ? row["text"] : $"{title} {row["text"]}"));
        }

        return texts.Count > 0 ? texts : throw new DataFormatException(path, null, "there is no text");
    }
}
