using System.Globalization;
using SqueezeBert.Evaluation;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Training.Starts;

/// <summary>
/// A tokenizer with fewer pieces: the special ones, every single character, so that no word becomes unknown that was not, and those that
/// texts have most often. Words whose pieces are gone are cut into smaller ones.
/// </summary>
internal sealed class TrimmedVocabulary
{
    private const int LinesAtATime = 1024;

    private readonly int[] _kept;

    /// <param name="tokenizer">The teacher's.</param>
    /// <param name="trim">How many pieces stay, and the texts that decide.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked before each line.</param>
    /// <exception cref="ArgumentException">So few pieces cannot spell every word, or there is no text.</exception>
    /// <exception cref="DataFormatException">A file has no text.</exception>
    public TrimmedVocabulary(BertTokenizer tokenizer, VocabularyTrim trim, CancellationToken cancellationToken)
    {
        if (trim.Text.Count == 0) throw new ArgumentException("pieces are counted in texts: name at least one file with one text per line");
        var counts = new long[tokenizer.Vocabulary.Count];
        var before = Count(tokenizer, trim.Text, ids =>
        {
            foreach (var id in ids) counts[id]++;
        }, cancellationToken);
        var needed = Needed(tokenizer);
        if (trim.Pieces < needed.Count)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"{trim.Pieces} pieces are too few: special ones and single characters, which words can be cut into, are {needed.Count}"));
        }

        var frequent = Enumerable.Range(0, counts.Length).Where(id => counts[id] > 0 && !needed.Contains(id))
            .OrderByDescending(id => counts[id]).ThenBy(id => id).Take(trim.Pieces - needed.Count);
        _kept = [.. needed.Concat(frequent).Order()];
        var places = _kept.Select((id, place) => (id, place)).ToDictionary(piece => piece.id, piece => piece.place);
        Tokenizer = BertTokenizer.FromVocabulary(_kept.Select(id => SpellingOf(tokenizer, id)), tokenizer.Options with
        {
            AddedTokens = [.. tokenizer.Options.AddedTokens.Where(token => places.ContainsKey(token.Id))
                .Select(token => token with { Id = places[token.Id] })],
        });
        var after = Count(Tokenizer, trim.Text, static _ => { }, cancellationToken);
        Growth = before == 0 ? 0 : ((double)after / before) - 1;
    }

    /// <summary>The tokenizer of the student.</summary>
    public BertTokenizer Tokenizer { get; }

    /// <summary>Pieces that stay.</summary>
    public int Size => _kept.Length;

    /// <summary>How many more tokens the texts have, as a share of those before.</summary>
    public double Growth { get; }

    /// <summary>What stays of a parameter that has a row or a column a piece.</summary>
    /// <param name="values">The teacher's values.</param>
    /// <param name="from">The teacher's parameter.</param>
    /// <param name="to">The student's.</param>
    public float[] Select(float[] values, Parameter from, Parameter to)
    {
        if (from.Shape.SequenceEqual(to.Shape)) return values;
        var result = new float[to.Length];
        if (from.Rows != to.Rows)
        {
            for (var row = 0; row < _kept.Length; row++)
                values.AsSpan(_kept[row] * from.Columns, from.Columns).CopyTo(result.AsSpan(row * to.Columns));
            return result;
        }

        for (var row = 0; row < to.Rows; row++)
        {
            for (var column = 0; column < _kept.Length; column++)
                result[(row * to.Columns) + column] = values[(row * from.Columns) + _kept[column]];
        }

        return result;
    }

    // Of two ids of one piece the tokenizer gives the last only.
    private static HashSet<int> Needed(BertTokenizer tokenizer)
    {
        var prefix = tokenizer.Options.ContinuingSubwordPrefix;
        var needed = tokenizer.Options.AddedTokens.Select(token => token.Id).ToHashSet();
        for (var id = 0; id < tokenizer.ModelVocabulary.Count; id++)
        {
            if (!tokenizer.ModelVocabulary.TryGetToken(id, out var token)) continue;
            if (!tokenizer.ModelVocabulary.TryGetId(token, out var last) || last != id) continue;
            var text = token.StartsWith(prefix, StringComparison.Ordinal) && token.Length > prefix.Length ? token[prefix.Length..] : token;
            if (new StringInfo(text).LengthInTextElements == 1) needed.Add(id);
        }

        return needed;
    }

    private static string SpellingOf(BertTokenizer tokenizer, int id) =>
        tokenizer.ModelVocabulary.TryGetToken(id, out var token) ? token
            : tokenizer.Options.AddedTokens.First(added => added.Id == id).Content;

    private static long Count(
        BertTokenizer tokenizer, IReadOnlyList<string> files, Action<ReadOnlySpan<int>> tell, CancellationToken cancellationToken)
    {
        var options = new EncodingOptions { ReturnOffsets = false, AddSpecialTokens = false };
        var total = 0L;
        foreach (var file in files)
        {
            var lines = 0L;
            using var reader = TableReader.Open(file, new TableOptions { Format = TableFormat.Lines });
            foreach (var chunk in reader.ReadRows(cancellationToken).Select(row => row.Fields[0]).Chunk(LinesAtATime))
            {
                lines += chunk.Length;
                foreach (var encoding in tokenizer.EncodeBatch(chunk, options, cancellationToken))
                {
                    tell(encoding.Ids);
                    total += encoding.Ids.Length;
                }
            }

            if (lines == 0) throw new DataFormatException(file, null, "has no text to count pieces in");
        }

        return total;
    }
}
