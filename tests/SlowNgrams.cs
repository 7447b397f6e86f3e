using System.Numerics;
using System.Text;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Tests;

/// <summary>
/// The table rows of the n-grams of each token's word, from the strings of a vocabulary: slow, and with nothing of the library's own.
/// </summary>
internal static class SlowNgrams
{
    private static readonly string[] Special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Returns the rows for each token of one text. A special token has none.</summary>
    public static int[][] Of(
        IReadOnlyList<string> vocabulary, IReadOnlyList<int> ids, IReadOnlyList<int> positions, HashedNgrams ngrams)
    {
        var words = new List<(string? Word, List<int> Tokens)>();
        for (var i = 0; i < ids.Count; i++)
        {
            var token = ids[i] >= 0 && ids[i] < vocabulary.Count ? vocabulary[ids[i]] : "[PAD]";
            var isNext = i > 0 && positions[i] == positions[i - 1] + 1 && words[^1].Word is not null;
            if (Special.Contains(token)) words.Add((null, [i]));
            else if (token.StartsWith("##", StringComparison.Ordinal) && isNext)
                words[^1] = (words[^1].Word + token[2..], [.. words[^1].Tokens, i]);
            else words.Add((token.StartsWith("##", StringComparison.Ordinal) ? token[2..] : token, [i]));
        }

        var rows = new int[ids.Count][];
        foreach (var (word, tokens) in words)
        {
            foreach (var token in tokens) rows[token] = word is null ? [] : [.. Ngrams(word, ngrams).Select(gram => Row(gram, ngrams))];
        }

        return rows;
    }

    /// <summary>Returns the n-grams of a word.</summary>
    public static IEnumerable<string> Ngrams(string word, HashedNgrams ngrams)
    {
        string[] characters = ["<", .. word.EnumerateRunes().Select(rune => rune.ToString()), ">"];
        for (var start = 0; start < characters.Length; start++)
        {
            for (var length = ngrams.MinLength; length <= ngrams.MaxLength && start + length <= characters.Length; length++)
                yield return string.Concat(characters[start..(start + length)]);
        }

        yield return string.Concat(characters);
    }

    /// <summary>The 64-bit FNV-1a hash in UTF-8, one step of SplitMix64, and the upper 32 bits spread over the rows.</summary>
    public static int Row(string gram, HashedNgrams ngrams)
    {
        var limit = BigInteger.One << 64;
        var hash = new BigInteger(0xCBF29CE484222325);
        foreach (var value in Encoding.UTF8.GetBytes(gram)) hash = (hash ^ value) * 0x100000001B3 % limit;
        var z = (hash + 0x9E3779B97F4A7C15) % limit;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % limit;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % limit;
        z ^= z >> 31;
        return (int)(((z >> 32) * ngrams.Buckets) >> 32);
    }
}
