using SqueezeBert.Evaluation;
using SqueezeBert.Inference;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Training.Starts.Fitting;

/// <summary>The tokens that a student is fitted on: those of some texts, one after another.</summary>
internal sealed class FitSample
{
    /// <summary>Characters of a line that are looked at: enough for the longest of <see cref="Lengths"/>.</summary>
    private const int MaxCharacters = 2000;

    /// <summary>Tokens of a line that are taken are no more than one of these, in turn: short and long texts are both there.</summary>
    private static readonly int[] Lengths = [16, 32, 64, 128];

    private readonly List<int> _ids = [];
    private readonly List<int> _starts = [0];

    /// <summary>
    /// Reads texts, a line each, in equal parts of each file. Which lines are taken is decided by a hash of them, so they are from all of a
    /// file and do not depend on its order.
    /// </summary>
    /// <param name="files">Plain text, maybe compressed by gzip; empty lines are skipped.</param>
    /// <param name="tokens">Tokens to take, special ones counted; fewer where the texts have fewer, some more with the last line.</param>
    /// <param name="tokenizer">The teacher's.</param>
    /// <param name="maxLength">Tokens that the model reads at most.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked before each line.</param>
    /// <exception cref="DataFormatException">A file has no text.</exception>
    public FitSample(IReadOnlyList<string> files, int tokens, BertTokenizer tokenizer, int maxLength, CancellationToken cancellationToken)
    {
        var options = Lengths.Select(
            length => new EncodingOptions { ReturnOffsets = false, MaxLength = Math.Min(length, maxLength) }).ToArray();
        for (var file = 0; file < files.Count; file++)
        {
            var end = (int)((long)tokens * (file + 1) / files.Count);
            var lines = Choose(files[file], 1 + (tokens / files.Count / 4), cancellationToken);
            if (lines.Count == 0) throw new DataFormatException(files[file], null, "has no text to fit on");
            foreach (var line in lines)
            {
                if (TokenCount >= end) break;
                cancellationToken.ThrowIfCancellationRequested();
                foreach (var id in tokenizer.Encode(line, options[TextCount % options.Length], cancellationToken).Ids) _ids.Add(id);
                _starts.Add(_ids.Count);
            }
        }
    }

    /// <summary>Tokens of all texts.</summary>
    public int TokenCount => _ids.Count;

    /// <summary>Number of texts.</summary>
    public int TextCount => _starts.Count - 1;

    /// <summary>Fills a batch with texts from one on, up to a number of tokens but at least one; returns the text after the last.</summary>
    /// <param name="text">The first text.</param>
    /// <param name="maxTokens">Tokens that the batch should not go beyond.</param>
    /// <param name="batch">Cleared and filled.</param>
    /// <param name="asRows">Whether a token's id is its place among all tokens instead of its piece.</param>
    public int Fill(int text, int maxTokens, PackedBatch batch, bool asRows)
    {
        batch.Clear();
        var ids = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_ids);
        for (; text < TextCount; text++)
        {
            var (start, length) = (_starts[text], _starts[text + 1] - _starts[text]);
            if (batch.TextCount > 0 && batch.TokenCount + length > maxTokens) break;
            batch.Add(asRows ? [.. Enumerable.Range(start, length)] : ids.Slice(start, length));
        }

        return text;
    }

    /// <summary>The lines with the smallest hashes, in the order of these.</summary>
    private static List<string> Choose(string file, int count, CancellationToken cancellationToken)
    {
        var kept = new PriorityQueue<string, ulong>(Comparer<ulong>.Create(static (a, b) => b.CompareTo(a)));
        var hashes = new HashSet<ulong>();
        using var reader = TableReader.Open(file, new TableOptions { Format = TableFormat.Lines });
        foreach (var row in reader.ReadRows(cancellationToken))
        {
            var line = row.Fields[0].AsSpan().Trim();
            if (line.IsEmpty) continue;
            if (line.Length > MaxCharacters) line = line[..MaxCharacters];
            var hash = HashSplit.Hash(line);
            if (kept.Count == count && kept.TryPeek(out _, out var largest) && hash >= largest) continue;
            if (!hashes.Add(hash)) continue;
            kept.Enqueue(line.ToString(), hash);
            if (kept.Count > count && kept.TryDequeue(out _, out largest)) hashes.Remove(largest);
        }

        var lines = new List<string>(kept.Count);
        while (kept.TryDequeue(out var line, out _)) lines.Add(line);
        lines.Reverse();
        return lines;
    }
}
