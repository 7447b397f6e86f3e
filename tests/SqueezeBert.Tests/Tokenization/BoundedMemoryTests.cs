using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Tests.Tokenization;

/// <summary>
/// Memory is bounded by the tokens that are asked for, not by the text. Allocated bytes, not times.
/// </summary>
public class BoundedMemoryTests
{
    private const int Long = 1_500_000;

    /// <summary>
    /// Generous: a window, a word and a run of marks take less than 300 kB, a character of a text held as a whole ten bytes.
    /// </summary>
    private const long Bound = 1_000_000;

    private static readonly BertTokenizer WithNormalizedToken = BertTokenizer.FromVocabulary(
        TokenizerFixtures.Uncased.Vocabulary.Tokens!,
        new BertTokenizerOptions { AddedTokens = [new(40_000, "zzz") { Normalized = true, LStrip = true }] });

    public static TheoryData<string> Words => [.. LongTexts.Units];

    public static TheoryData<string> Tokens => [.. LongTexts.Tokens];

    [Theory]
    [MemberData(nameof(Words))]
    public void ALongWordTakesNoMoreMemoryThanAnUnknownOne(string unit)
    {
        var text = LongTexts.Of(unit, Long) + " end";
        foreach (var tokenizer in (BertTokenizer[])[TokenizerFixtures.Uncased, TokenizerFixtures.Cased, WithNormalizedToken])
        {
            tokenizer.Count(LongTexts.Of(unit, 20));
            var tokens = new TokenBuffer();
            Assert.InRange(Allocated(() => tokenizer.Tokenize(text, tokens)), 0, Bound);
            Assert.InRange(Allocated(() => tokenizer.Count(text)), 0, Bound);
            Assert.Equal(text.Length, tokens.TextEnd);
        }
    }

    [Theory]
    [MemberData(nameof(Tokens))]
    public void ALimitBoundsWhatIsAllocated(string unit)
    {
        var text = LongTexts.Of(unit, Long);
        var options = new EncodingOptions { MaxLength = 256 };
        foreach (var tokenizer in (BertTokenizer[])[TokenizerFixtures.Uncased, TokenizerFixtures.Cased, WithNormalizedToken])
        {
            tokenizer.Count(LongTexts.Of(unit, 20));
            TokenBuffer first = new(), second = new();
            Assert.InRange(Allocated(() => tokenizer.Tokenize(text, first, 256)), 0, Bound);
            Assert.Equal(256, first.Count);
            Assert.InRange(Allocated(() => tokenizer.TokenizePair(text, text, first, second, 255, default)), 0, Bound);
            Assert.InRange(Allocated(() => tokenizer.Encode(text, options)), 0, Bound);
            Assert.InRange(Allocated(() => tokenizer.Encode(text, text, options)), 0, Bound);
        }
    }

    private static long Allocated(Action action)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
