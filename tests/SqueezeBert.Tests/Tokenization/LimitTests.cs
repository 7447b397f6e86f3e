using CsCheck;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Tests.Tokenization;

/// <summary>
/// Results with a limit are the first tokens of those without, also of pairs, and in texts longer than what is read at once.
/// </summary>
public class LimitTests
{
    private static readonly BertTokenizer[] Tokenizers =
    [
        TokenizerFixtures.Uncased,
        TokenizerFixtures.Cased,
        BertTokenizer.FromVocabulary(
            TokenizerFixtures.Uncased.Vocabulary.Tokens!,
            new BertTokenizerOptions
            {
                MaxInputCharsPerWord = 9,
                AddedTokens = [new(40_000, "a b") { Normalized = true, LStrip = true }, new(40_001, "\u4E2D.") { Normalized = true }],
            }),
    ];

    private static readonly Gen<string> Parts = Gen.Frequency(
        (20, Gen.OneOf<string>([.. LongTexts.Units, .. LongTexts.Tokens, "one ", "unaffable", "a b", "\u4E2D.", "x\u302Ey"])),
        (1, Gen.Select(Gen.OneOf<string>([.. LongTexts.Units, .. LongTexts.Tokens]), Gen.Int[1, 9_000])
            .Select((unit, length) => LongTexts.Of(unit, length))));

    private static readonly Gen<string> Texts = Parts.Array[0, 40].Select(string.Concat);

    [Fact]
    public void ALimitGivesTheFirstTokens() =>
        Gen.Select(Texts, Gen.Double[0, 1.2]).Sample((text, part) =>
        {
            foreach (var tokenizer in Tokenizers)
            {
                TokenBuffer all = new(), some = new();
                tokenizer.Tokenize(text, all);
                var limit = (int)(part * all.Count);
                tokenizer.Tokenize(text, some, limit);
                var count = Math.Min(limit, all.Count);
                Assert.Equal(all.Ids[..count].ToArray(), some.Ids.ToArray());
                Assert.Equal(all.Offsets[..count].ToArray(), some.Offsets.ToArray());
                Assert.Equal(all.Words[..count].ToArray(), some.Words.ToArray());
                Assert.Equal(count == 0 ? 0 : all.Offsets[count - 1].End, some.TextEnd);
                Assert.Equal(all.Count, tokenizer.Count(text));

                var ids = new int[count];
                Assert.Equal(count, tokenizer.Encode(text, ids, out var truncated, addSpecialTokens: false));
                Assert.Equal(some.Ids.ToArray(), ids);
                Assert.Equal(count < all.Count, truncated);
            }
        }, iter: 400);

    [Fact]
    public void TruncatedTextsAndPairsAreThoseOfWholeTexts() =>
        Gen.Select(Texts, Texts, Gen.Int[0, 30], Gen.Bool).Sample((text, pair, room, offsets) =>
        {
            // Long texts against long ones, and equally long ones, are what the longest-first rule is hard for.
            foreach (var other in (string[])[pair, text, text + " one", text + pair])
            {
                foreach (var tokenizer in Tokenizers)
                {
                    foreach (var truncation in Enum.GetValues<Truncation>())
                        CompareTruncated(tokenizer, text, other, room, truncation, offsets);
                }
            }
        }, iter: 60);

    private static void CompareTruncated(BertTokenizer tokenizer, string text, string pair, int room, Truncation truncation, bool offsets)
    {
        TokenBuffer first = new(), second = new(), keptFirst = new(), keptSecond = new();
        tokenizer.Tokenize(text, first);
        tokenizer.Tokenize(pair, second);
        var options = new EncodingOptions
        {
            MaxLength = room,
            Truncation = truncation,
            AddSpecialTokens = false,
            ReturnOffsets = offsets,
        };
        (int First, int Second) expected;
        try
        {
            expected = Windows.Split(first.Count, second.Count, room, truncation);
        }
        catch (ArgumentException exception)
        {
            Assert.Equal(exception.Message, Assert.Throws<ArgumentException>(() => tokenizer.Encode(text, pair, options)).Message);
            return;
        }

        var encoding = tokenizer.Encode(text, pair, options);
        Assert.Equal([.. first.Ids[..expected.First], .. second.Ids[..expected.Second]], encoding.Ids.ToArray());
        Assert.Equal(expected != (first.Count, second.Count), encoding.IsTruncated);
        if (truncation != Truncation.LongestFirst)
            return;
        var counts = tokenizer.TokenizePair(text, pair, keptFirst, keptSecond, room, default);
        Assert.Equal(expected, Windows.Split(counts.First, counts.Second, room, truncation));
        Assert.Equal(first.Count + second.Count > room, counts.First + counts.Second > room);
        Assert.Equal(first.Ids[..expected.First].ToArray(), keptFirst.Ids[..expected.First].ToArray());
        Assert.Equal(second.Ids[..expected.Second].ToArray(), keptSecond.Ids[..expected.Second].ToArray());
        Assert.InRange(keptFirst.Count, 0, room + 1);
        Assert.InRange(keptSecond.Count, 0, room + 1);
    }
}
