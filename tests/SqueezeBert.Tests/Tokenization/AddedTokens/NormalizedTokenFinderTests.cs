using SqueezeBert.Tests.Tokenization.Words;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.AddedTokens;
using SqueezeBert.Tokenization.Encodings;
using SqueezeBert.Tokenization.Pieces;
using SqueezeBert.Tokenization.Words;

namespace SqueezeBert.Tests.Tokenization.AddedTokens;

/// <summary>Added tokens in texts that are read in parts, against looking for them in the whole text at once.</summary>
public class NormalizedTokenFinderTests
{
    private static readonly Normalizer.Settings Settings = new(true, true, true, true);

    private static readonly string[] Contents =
    [
        "zo\u00E9", "new york", "<x>", "x", "  ", " ", "..", "\u4E2D", "\u302E", "caf", "\U0001F600", "a b",
    ];

    private static readonly string[] Units =
    [
        "a", "b ", " ", "  ", "x", "<x>", "new york", "new ", "york", "Zo\u00E9", "ZOE\u0301", "zo", "\u4E2D", "\u302E", "\u0316", ".",
        "\t", "\u0000", "\uD800", "\uDC00", "\U0001F600", "[MASK]", "[MAS", "\u3000", "\u0130", "caf\u00E9", "\u000B", "\u00A0",
    ];

    [Fact]
    public void TextsInPartsGiveTheTokensOfWholeTexts()
    {
        var random = new Random(11);
        for (var round = 0; round < 400; round++)
        {
            List<AddedToken> tokens = [new(4, "[MASK]") { LStrip = round % 2 == 0, RStrip = round % 3 == 0 }];
            for (var i = random.Next(1, 5); i > 0; i--)
            {
                tokens.Add(new AddedToken(100 + tokens.Count, Contents[random.Next(Contents.Length)])
                {
                    Normalized = random.Next(4) > 0,
                    SingleWord = random.Next(3) == 0,
                    LStrip = random.Next(3) == 0,
                    RStrip = random.Next(3) == 0,
                });
            }

            // Two tokens that are the same after normalization are refused when a tokenizer is made.
            tokens = [.. tokens.DistinctBy(Pattern).Where(token => Pattern(token).Length > 0)];
            var text = Text(random, random.Next(3) == 0 ? 12_000 : 200);
            var model = new WordPieceModel(TokenizerFixtures.Uncased.Vocabulary, "##", TokenizerFixtures.Uncased.UnknownTokenId, 100, "");
            var scratch = new Scratch();
            var sink = new OffsetSink(scratch.First, int.MaxValue);
            new TextScanner(model, Settings, AddedTokenPatterns.Of(tokens, Settings, "")).Scan(
                text, ref sink, scratch, TestContext.Current.CancellationToken);
            var expected = Plain(text, model, tokens);
            Assert.Equal(expected.Ids.ToArray(), scratch.First.Ids.ToArray());
            Assert.Equal(expected.Offsets.ToArray(), scratch.First.Offsets.ToArray());
            Assert.Equal(expected.Words.ToArray(), scratch.First.Words.ToArray());
        }
    }

    private static string Text(Random random, int length)
    {
        var text = new System.Text.StringBuilder();
        var kinds = random.Next(2, Units.Length + 1);
        var order = Units.OrderBy(_ => random.Next()).ToArray();
        while (text.Length < length)
        {
            // Long stretches of one thing reach over the ends of parts and windows.
            var times = random.Next(40) == 0 ? random.Next(length) : 1;
            text.Insert(text.Length, order[random.Next(kinds)], times);
        }

        return text.ToString();
    }

    private static string Pattern(AddedToken token) =>
        token.Normalized ? Normalize(token.Content, 0, token.Content.Length).Characters.ToString() : token.Content;

    private static TokenBuffer Plain(string text, WordPieceModel model, List<AddedToken> tokens)
    {
        var buffer = new TokenBuffer();
        var pieces = new PieceHandler<OffsetSink>(model, new Scratch(), new OffsetSink(buffer, int.MaxValue));
        var exact = new AddedTokenMatcher([.. tokens.Where(token => !token.Normalized)
            .Select(token => new AddedTokenMatcher.Pattern(token.Content, token))]);
        var normalized = new AddedTokenMatcher([.. tokens.Where(token => token.Normalized)
            .Select(token => new AddedTokenMatcher.Pattern(Normalize(token.Content, 0, token.Content.Length).Characters.ToString(), token))
            .Where(pattern => pattern.Text.Length > 0)]);
        int done = 0, position = 0;
        while (exact.Next(text, ref position, text.Length, done, out var start, out var end, out var id))
        {
            if (start > done)
                Gap(text, done, start, normalized, ref pieces);
            Assert.True(pieces.AddedToken(id, start, end));
            done = end;
        }

        if (done < text.Length)
            Gap(text, done, text.Length, normalized, ref pieces);
        return buffer;
    }

    private static void Gap(string text, int from, int to, AddedTokenMatcher tokens, ref PieceHandler<OffsetSink> pieces)
    {
        var all = Normalize(text, from, to);
        int done = 0, position = 0;
        while (tokens.Next(all.Characters, ref position, all.Length, done, out var start, out var end, out var id))
        {
            PlainCut.Words(all, done, start, ref pieces);
            Assert.True(pieces.AddedToken(id, all.StartAt(start), all.EndAt(end - 1)));
            done = end;
        }

        PlainCut.Words(all, done, all.Length, ref pieces);
    }

    private static NormalizedText Normalize(string text, int from, int to)
    {
        var output = new NormalizedText();
        new Normalizer().Normalize(text, from, to, Settings, output);
        return output;
    }
}
