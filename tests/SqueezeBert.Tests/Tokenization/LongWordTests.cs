using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.Tokenization;

/// <summary>Words around the most characters that a word may have, of every kind of character, against the plain twin.</summary>
public class LongWordTests
{
    private static readonly string[] Kinds =
    [
        "a", "Q", "7", "\u00E9", "\u00C5", "e\u0301", "\u0130", "\u0416", "\u0301", "\u302E", "\u0316\u302E", "\u0344", "\u4E2D", "\u3042",
        "\uAC00", "\uAC01", "\U0001F600", "\U0001D165", "\U00020000", "\u0000", "\u200B", "\uD800", "\u2260", "\u037E", "'",
    ];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(16)]
    [InlineData(100)]
    public void WordsAroundTheLimitAreThoseOfTheTwin(int limit)
    {
        var random = new Random(limit);
        foreach (var options in new BertTokenizerOptions[]
        {
            new(), new() { LowerCase = false }, new() { CleanText = false, HandleChineseChars = false },
            new() { LowerCase = true, StripAccents = false },
        })
        {
            var tokenizer = BertTokenizer.FromVocabulary(
                TokenizerFixtures.Uncased.Vocabulary.Tokens!, options with { MaxInputCharsPerWord = limit });
            foreach (var kind in Kinds)
            {
                for (var length = Math.Max(0, limit - 2); length <= limit + 2; length++)
                {
                    // Of one kind alone, and with some other character first, last and in the middle.
                    var word = LongTexts.Of(kind, length * kind.Length);
                    var other = Kinds[random.Next(Kinds.Length)];
                    Compare(tokenizer, word);
                    Compare(tokenizer, "x " + other + word + " y");
                    Compare(tokenizer, word + other);
                    Compare(tokenizer, word + other + word + "-" + word);
                }
            }

            for (var i = 0; i < 100; i++)
            {
                Compare(tokenizer, string.Concat(
                    Enumerable.Range(0, random.Next(1, 2 * limit + 4)).Select(_ => Kinds[random.Next(Kinds.Length)])));
            }
        }
    }

    private static void Compare(BertTokenizer tokenizer, string text)
    {
        var expected = new SlowTokenizer(tokenizer).Tokenize(text);
        var encoding = tokenizer.Encode(text, new EncodingOptions { AddSpecialTokens = false });
        Assert.Equal(expected.Select(t => t.Id), encoding.Ids.ToArray());
        Assert.Equal(expected.Select(t => new TokenOffset(t.Start, t.End)), encoding.Offsets.ToArray());
        Assert.Equal(expected.Select(t => t.Word), encoding.WordIds.ToArray());
    }
}
