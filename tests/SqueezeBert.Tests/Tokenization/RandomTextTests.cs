using CsCheck;
using SqueezeBert.Tests.Tokenization.Unicode;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.Tokenization;

/// <summary>The fast tokenizer against its plain twin, over all scalar values, random strings and normal forms of real text.</summary>
public class RandomTextTests
{
    private static readonly BertTokenizer[] Tokenizers =
    [
        TokenizerFixtures.Uncased,
        TokenizerFixtures.Cased,
        BertTokenizer.FromVocabulary(
            TokenizerFixtures.Uncased.Vocabulary.Tokens!,
            new BertTokenizerOptions { LowerCase = false, StripAccents = true, CleanText = false, HandleChineseChars = false,
                MaxInputCharsPerWord = 7 }),
        BertTokenizer.FromVocabulary(
            TokenizerFixtures.Uncased.Vocabulary.Tokens!,
            new BertTokenizerOptions { LowerCase = true, StripAccents = false, CleanText = false }),
    ];

    private static readonly Gen<string> Strings = Gen.OneOf(
        Gen.Char[' ', '~'].Select(c => c.ToString()),
        Gen.Char['a', 'z'].Array[1, 24].Select(c => new string(c)),
        Gen.Int[0, 0x24F].Select(char.ConvertFromUtf32),
        Gen.Int[0x300, 0x36F].Select(char.ConvertFromUtf32),
        Gen.Int[0x370, 0x1FFF].Select(char.ConvertFromUtf32),
        Gen.Int[0x2000, 0x206F].Select(char.ConvertFromUtf32),
        Gen.Int[0x3000, 0x30FF].Select(char.ConvertFromUtf32),
        Gen.Int[0x4E00, 0x9FFF].Select(char.ConvertFromUtf32),
        Gen.Int[0xAC00, 0xD7A3].Select(char.ConvertFromUtf32),
        Gen.Int[0xF900, 0xFFFF].Select(char.ConvertFromUtf32),
        Gen.Int[0x10000, 0x10FFFF].Select(char.ConvertFromUtf32),
        Gen.Int[0x1D100, 0x1D1FF].Select(char.ConvertFromUtf32),
        Gen.Char['\uD800', '\uDFFF'].Select(c => c.ToString()),
        Gen.OneOf<string>("[MASK]", "[CLS]", "[", "[PAD", "\u302E\u0301", "\u0316\u302E", "\u00C0\u302E\u0327", "\u0130", "\u2260",
            "\u1FEF", "\t", "\u0085", "\u200B", "\u2019", "\u2014", " ")).Array[0, 30]
        .Select(string.Concat);

    [Fact]
    public void RandomStringsAreTokenizedAsByTheTwin() =>
        Strings.Sample(text =>
        {
            foreach (var tokenizer in Tokenizers)
                Compare(tokenizer, text);
        }, iter: 5_000);

    /// <summary>
    /// Vocabularies whose pieces overlap in every way, prefixes that are letters, punctuation or nothing, words around every limit.
    /// </summary>
    [Fact]
    public void RandomVocabulariesAreUsedAsByTheTwin()
    {
        var random = new Random(7);
        string[] prefixes = ["##", "", "a", ".", "\u00E9"];
        int[] limits = [0, 1, 3, 15, 16, 17, 100];
        for (var round = 0; round < 300; round++)
        {
            var prefix = prefixes[round % prefixes.Length];
            var tokens = new HashSet<string> { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]" };
            for (var i = random.Next(120); i >= 0; i--)
                tokens.Add((random.Next(2) == 0 ? prefix : "") + Piece(random.Next(10) == 0 ? 18 : 4));
            var tokenizer = BertTokenizer.FromVocabulary(
                tokens, new BertTokenizerOptions
                {
                    LowerCase = round % 3 > 0,
                    ContinuingSubwordPrefix = prefix,
                    MaxInputCharsPerWord = limits[round % limits.Length]
                });
            for (var i = 0; i < 20; i++)
                Compare(tokenizer, string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => Piece(18) + " .-"[random.Next(3)])));
        }

        string Piece(int longest) =>
            new([.. Enumerable.Range(0, random.Next(1, longest + 1)).Select(_ => "aaaabbbAB1\u00E9\u4E2D\uAC00#"[random.Next(14)])]);
    }

    [Fact]
    public void EveryScalarInAWordIsTokenizedAsByTheTwin()
    {
        var ids = new int[16];
        var slow = new SlowTokenizer(TokenizerFixtures.Uncased);
        foreach (var c in UnicodeFixture.Scalars)
        {
            var text = "un" + char.ConvertFromUtf32(c) + "ed";
            var count = TokenizerFixtures.Uncased.Encode(text, ids, out _, addSpecialTokens: false);
            var expected = slow.Tokenize(text);
            if (!ids.AsSpan(0, count).SequenceEqual(expected.Select(t => t.Id).ToArray()))
                Assert.Fail($"U+{c:X4}");
        }
    }

    [Theory]
    [InlineData(System.Text.NormalizationForm.FormC)]
    [InlineData(System.Text.NormalizationForm.FormD)]
    [InlineData(System.Text.NormalizationForm.FormKC)]
    [InlineData(System.Text.NormalizationForm.FormKD)]
    public void NormalFormsAreTokenizedAsByTheTwin(System.Text.NormalizationForm form)
    {
        foreach (var row in TokenizerFixtures.Rows("uncased.jsonl"))
        {
            var text = row.GetProperty("text").GetString()!;
            Compare(TokenizerFixtures.Uncased, text.Normalize(form));
            Compare(TokenizerFixtures.Cased, text.Normalize(form));
        }
    }

    private static void Compare(BertTokenizer tokenizer, string text)
    {
        var expected = new SlowTokenizer(tokenizer).Tokenize(text);
        var encoding = tokenizer.Encode(text, new EncodingOptions { AddSpecialTokens = false });
        Assert.Equal(expected.Select(t => t.Id), encoding.Ids.ToArray());
        Assert.Equal(expected.Select(t => new TokenOffset(t.Start, t.End)), encoding.Offsets.ToArray());
        Assert.Equal(expected.Select(t => t.Word), encoding.WordIds.ToArray());
        foreach (var offset in encoding.Offsets)
            Assert.True(offset.Start >= 0 && offset.Start < offset.End && offset.End <= text.Length);
        var idsOnly = tokenizer.Encode(text, new EncodingOptions { AddSpecialTokens = false, ReturnOffsets = false });
        Assert.Equal(encoding.Ids.ToArray(), idsOnly.Ids.ToArray());
        Assert.True(idsOnly.Offsets.IsEmpty);
    }
}
