using SqueezeBert.Tokenization;

namespace SqueezeBert.Cli.Slices;

/// <summary>Says which words are rare: by a task's training file, or without one by a model's vocabulary.</summary>
internal sealed class RareWords
{
    /// <summary>A word is rare that the training file has fewer times.</summary>
    public const int Threshold = 5;

    private readonly Func<string, bool> _isRare;

    private RareWords(string rule, Func<string, bool> isRare) => (Rule, _isRare) = (rule, isRare);

    /// <summary>What makes a word rare, for a reader.</summary>
    public string Rule { get; }

    /// <summary>By the texts of a training file.</summary>
    public static RareWords ByTraining(IEnumerable<SliceExample> texts)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var word in texts.SelectMany(example => example.Texts).SelectMany(TextWords.Of))
            counts[word] = counts.GetValueOrDefault(word) + 1;
        return new RareWords(
            $"a word is rare that train.tsv has fewer than {Threshold} times", word => counts.GetValueOrDefault(word) < Threshold);
    }

    /// <summary>By a vocabulary: what its tokenizer splits or does not know was too rare to get a token of its own.</summary>
    public static RareWords ByVocabulary(BertTokenizer tokenizer)
    {
        var known = new Dictionary<string, bool>(StringComparer.Ordinal);
        return new RareWords("a word is rare that the vocabulary lacks as a whole; there is no train.tsv to count in", word =>
        {
            if (!known.TryGetValue(word, out var isRare))
                known[word] = isRare = !word.Contains('\'', StringComparison.Ordinal) && IsSplit(word);
            return isRare;
        });

        bool IsSplit(string word)
        {
            Span<int> ids = stackalloc int[2];
            var count = tokenizer.Encode(word, ids, out var isTruncated, addSpecialTokens: false);
            return count > 1 || isTruncated || (count == 1 && ids[0] == tokenizer.UnknownTokenId);
        }
    }

    /// <summary>Whether a word, in lower case, is rare.</summary>
    public bool Contains(string word) => _isRare(word);
}
