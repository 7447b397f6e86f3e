using System.Text;

namespace SqueezeBert.Evaluation;

/// <summary>
/// Ranks documents by the words that they share with a query (Okapi BM25 with the parameters of Lucene: k1 = 1.2, b = 0.75). It is a
/// baseline that shows what retrieval yields without a neural network. Words are sequences of letters and digits in lower case. Immutable
/// and thread-safe.
/// </summary>
public sealed class Bm25Index
{
    private const double K1 = 1.2;
    private const double B = 0.75;

    private readonly Dictionary<string, List<(int Document, int Count)>> _postings = new(StringComparer.Ordinal);
    private readonly int[] _lengths;
    private readonly double _meanLength;

    /// <summary>Builds the index.</summary>
    /// <param name="documents">The texts of the documents.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked before each document.</param>
    public Bm25Index(IReadOnlyList<string> documents, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        _lengths = new int[documents.Count];
        for (var i = 0; i < documents.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var word in Words(documents[i]).GroupBy(word => word, StringComparer.Ordinal))
            {
                if (!_postings.TryGetValue(word.Key, out var list)) _postings[word.Key] = list = [];
                var count = word.Count();
                list.Add((i, count));
                _lengths[i] += count;
            }
        }

        _meanLength = Math.Max(1, _lengths.Length == 0 ? 1 : _lengths.Average());
    }

    /// <summary>
    /// Returns the best documents that share a word with a query, best first. Documents with equal scores keep their order.
    /// </summary>
    /// <param name="query">The query.</param>
    /// <param name="count">The largest number of documents, 1 or more.</param>
    public IReadOnlyList<(int Document, double Score)> Rank(string query, int count)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var scores = new Dictionary<int, double>();
        foreach (var word in Words(query))
        {
            if (!_postings.TryGetValue(word, out var list)) continue;
            var rarity = Math.Log(1 + ((_lengths.Length - list.Count + 0.5) / (list.Count + 0.5)));
            foreach (var (document, occurrences) in list)
            {
                var weight = occurrences / (occurrences + (K1 * (1 - B + (B * _lengths[document] / _meanLength))));
                scores[document] = scores.GetValueOrDefault(document) + (rarity * weight);
            }
        }

        return [.. scores.OrderByDescending(score => score.Value).ThenBy(score => score.Key).Take(count)
            .Select(score => (score.Key, score.Value))];
    }

    private static IEnumerable<string> Words(string text)
    {
        var word = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune))
            {
                word.Append(Rune.ToLowerInvariant(rune).ToString());
                continue;
            }

            if (word.Length > 0) yield return word.ToString();
            word.Clear();
        }

        if (word.Length > 0) yield return word.ToString();
    }
}
