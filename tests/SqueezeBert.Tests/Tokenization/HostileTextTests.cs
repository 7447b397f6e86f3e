using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.Tokenization;

/// <summary>Input that breaks other tokenizers: huge words, half characters, runs of marks and brackets.</summary>
public class HostileTextTests
{
    private const int Million = 1_000_000;

    private static readonly BertTokenizer Tokenizer = TokenizerFixtures.Uncased;

    [Theory]
    [InlineData("a", Million, 1)]
    [InlineData("é", Million, 1)]
    [InlineData("\u0301", Million, 0)]
    [InlineData("\u302E\u0316", Million / 2, 1)]
    [InlineData("\u0000", Million, 0)]
    [InlineData("\uD800", Million, 0)]
    [InlineData("\uDC00", Million, 0)]
    [InlineData("😀", Million / 2, 1)]
    [InlineData("中", Million, Million)]
    [InlineData("[", Million, Million)]
    [InlineData("[MASK", 200_000, 400_000)]
    [InlineData("[MASK]", 160_000, 160_000)]
    [InlineData(" ", Million, 0)]
    [InlineData("가", Million / 2, 1)]
    public void AMegabyteOfOneThingIsOrdinary(string unit, int times, int tokens)
    {
        var text = string.Concat(Enumerable.Repeat(unit, times));
        Assert.Equal(tokens, Tokenizer.Count(text));
        var encoding = Tokenizer.Encode(text, new EncodingOptions { AddSpecialTokens = false });
        Assert.Equal(tokens, encoding.Length);
        if (tokens == 1)
        {
            Assert.Equal(Tokenizer.UnknownTokenId, encoding.Ids[0]);
            // The marks that stay come first in canonical order, but in the reference positions stay in the order of the text.
            var start = unit == "\u302E\u0316" ? text.Length / 2 : 0;
            Assert.Equal(new TokenOffset(start, text.Length), encoding.Offsets[0]);
        }
    }

    [Fact]
    public void AHundredCharactersAreAWordAndOneMoreIsUnknown()
    {
        Assert.NotEqual(Tokenizer.UnknownTokenId, Tokenizer.Encode(new string('a', 100)).Ids[1]);
        Assert.Equal(Tokenizer.UnknownTokenId, Tokenizer.Encode(new string('a', 101)).Ids[1]);
        // Scalar values count, not UTF-16 units, and after marks are dropped.
        var marked = string.Concat(Enumerable.Repeat("a\u0301\u0302", 100));
        Assert.NotEqual(Tokenizer.UnknownTokenId, Tokenizer.Encode(marked).Ids[1]);
        Assert.Equal(3, Tokenizer.Encode(marked + "a").Length);
    }

    [Fact]
    public void HalfASurrogatePairIsDroppedInsideAWord()
    {
        var encoding = Tokenizer.Encode("he\uD83Dllo \uDE00world\uD83D");
        Assert.Equal(["[CLS]", "hello", "world", "[SEP]"], encoding.Tokens);
        Assert.Equal(new TokenOffset(0, 6), encoding.Offsets[1]);
        Assert.Equal(new TokenOffset(8, 13), encoding.Offsets[2]);
    }
}
