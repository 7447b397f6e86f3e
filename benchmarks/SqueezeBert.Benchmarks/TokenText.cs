namespace SqueezeBert.Benchmarks;

/// <summary>A text as every engine gets it.</summary>
/// <param name="Ids">Token ids, special tokens included.</param>
/// <param name="TypeIds">As many token type ids.</param>
internal sealed record TokenText(int[] Ids, int[] TypeIds)
{
    public int Length => Ids.Length;

    /// <summary>Ids drawn evenly from the vocabulary, the same ones each time.</summary>
    public static TokenText Random(int length, int vocabularySize, int seed = 0)
    {
        var random = new Random((seed * 1000) + length);
        return new([.. Enumerable.Range(0, length).Select(_ => random.Next(vocabularySize))], new int[length]);
    }
}
