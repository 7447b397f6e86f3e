using System.Globalization;

namespace SqueezeBert.Evaluation;

/// <summary>A set of documents and queries, with judgements of which documents are relevant to which query.</summary>
/// <param name="Name">The name of the folder.</param>
/// <param name="Documents">The ids and texts of the documents. The text begins with the title if there is one.</param>
/// <param name="Queries">The ids and texts of the queries that have judgements, in the order of the file.</param>
/// <param name="Judgements">For the id of each query, the gain of each relevant document by its id; each above 0.</param>
public sealed record RetrievalSet(
    string Name,
    IReadOnlyList<(string Id, string Text)> Documents,
    IReadOnlyList<(string Id, string Text)> Queries,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Judgements);

/// <summary>
/// Reads folders in the layout of BEIR: corpus.jsonl (_id, title, text), queries.jsonl (_id, text) and qrels/SPLIT.tsv (query-id,
/// corpus-id, score). Each file may be compressed with gzip and then has the extension ".gz".
/// </summary>
public static class RetrievalReader
{
    private const string Id = "_id";

    /// <summary>Reads a folder.</summary>
    /// <param name="folder">The path of the folder.</param>
    /// <param name="split">The name of the file of judgements, without extension (default "test").</param>
    /// <param name="cancellationToken">Cancels reading. It is checked before each row.</param>
    /// <exception cref="FileNotFoundException">A file is missing. The message contains the nearest names.</exception>
    /// <exception cref="DataFormatException">
    /// A row is malformed, an id occurs twice, or a judgement names a query that does not exist. The message names the file and the line.
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
