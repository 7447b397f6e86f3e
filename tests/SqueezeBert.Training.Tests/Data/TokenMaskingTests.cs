using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tests.Data;

public sealed class TokenMaskingTests
{
    private const int Mask = 4, Vocabulary = 2000, Length = 100_000;

    private static readonly TokenMasking Masking = new(0.15, Mask, Vocabulary, IsSpecial);

    [Fact]
    public void OfTheChosenTokensEightyPercentAreMaskedAndHalfOfTheOthersReplaced()
    {
        var original = Tokens();
        var tokens = original.ToArray();
        var (places, labels) = (new int[Length], new int[Length]);
        var count = Masking.Apply(tokens, 5, places, labels);

        // Five standard deviations.
        var ordinary = original.Count(token => !IsSpecial(token));
        Assert.Equal(0.15 * ordinary, count, 5 * Math.Sqrt(0.15 * 0.85 * ordinary));
        var chosen = places[..count];
        Assert.Equal(chosen.Distinct().Order(), chosen);
        Assert.Equal(chosen.Select(place => original[place]), labels[..count]);
        Assert.DoesNotContain(chosen, place => IsSpecial(original[place]));
        Assert.Equal(0.8, (double)chosen.Count(place => tokens[place] == Mask) / count, 5 * Math.Sqrt(0.8 * 0.2 / count));
        Assert.Equal(0.1, (double)chosen.Count(place => tokens[place] == original[place]) / count, 5 * Math.Sqrt(0.1 * 0.9 / count));
        Assert.DoesNotContain(chosen, place => tokens[place] != Mask && IsSpecial(tokens[place]));
        foreach (var place in Enumerable.Range(0, Length).Except(chosen)) Assert.Equal(original[place], tokens[place]);
    }

    [Fact]
    public void TheKeyDecides()
    {
        Assert.Equal(Applied(1), Applied(1));
        Assert.NotEqual(Applied(1), Applied(2));
    }

    [Fact]
    public void WithAProbabilityOfOneEveryOrdinaryTokenIsChosen()
    {
        var tokens = Tokens();
        var ordinary = tokens.Count(token => !IsSpecial(token));
        Assert.Equal(ordinary, new TokenMasking(1, Mask, Vocabulary, IsSpecial).Apply(tokens, 3, new int[Length], new int[Length]));
    }

    /// <summary>A word is a token and the odd ones behind it; special tokens end it.</summary>
    [Fact]
    public void ThePiecesOfAWordAreChosenAllOrNone()
    {
        var original = Tokens();
        var tokens = original.ToArray();
        var (places, labels) = (new int[Length], new int[Length]);
        var count = new TokenMasking(0.15, Mask, Vocabulary, IsSpecial, id => id % 2 == 1).Apply(tokens, 5, places, labels);
        var chosen = places[..count].ToHashSet();
        var (words, taken, pieces) = (0, 0, 0);
        for (var start = 0; start < Length;)
        {
            var end = start + 1;
            if (!IsSpecial(original[start]))
            {
                while (end < Length && !IsSpecial(original[end]) && original[end] % 2 == 1) end++;
                Assert.Single(Enumerable.Range(start, end - start).Select(chosen.Contains).Distinct());
                words++;
                if (chosen.Contains(start)) (taken, pieces) = (taken + 1, pieces + end - start);
            }

            start = end;
        }

        Assert.Equal(count, pieces);
        Assert.Equal(0.15 * words, taken, 5 * Math.Sqrt(0.15 * 0.85 * words));
        Assert.Equal(0.8, (double)chosen.Count(place => tokens[place] == Mask) / count, 5 * Math.Sqrt(0.8 * 0.2 / count));
        Assert.Equal(places[..count].Select(place => original[place]), labels[..count]);
    }

    private static bool IsSpecial(int id) => id is 0 or 2 or 3 or Mask or 1500;

    private static int[] Tokens()
    {
        var random = new Random(8);
        return [.. Enumerable.Range(0, Length).Select(_ => random.Next(20) == 0 ? 2 : random.Next(Vocabulary))];
    }

    private static int[] Applied(ulong key)
    {
        var tokens = Tokens();
        Masking.Apply(tokens, key, new int[Length], new int[Length]);
        return tokens;
    }
}
