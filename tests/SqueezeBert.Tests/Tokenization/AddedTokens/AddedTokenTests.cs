using SqueezeBert.Checkpoints;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.Tokenization.AddedTokens;

/// <summary>Added tokens: in the raw or the normalized text, as single words, swallowing white space.</summary>
public class AddedTokenTests
{
    private static readonly string[] Small = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "##b", "##c", "new", "##bie"];

    [Fact]
    public void SpecialTokensAreFoundInTheRawTextOnly()
    {
        Assert.Equal(["a", "[MASK]", "b"], Tokens([], "a[MASK]b"));
        Assert.Equal(["a", "[UNK]", "[UNK]", "[UNK]", "b"], Tokens([], "a[mask]b"));
    }

    [Fact]
    public void NormalizedTokensAreFoundInTheNormalizedText()
    {
        AddedToken token = new(20, "Zoé") { Normalized = true };
        Assert.Equal(["a", "zoe", "b"], Tokens([token], "azoeb"));
        Assert.Equal(["a", "zoe", "b"], Tokens([token], "a ZOE\u0301 b"));
        Assert.Equal(["[UNK]"], Tokens([token with { Normalized = false }], "zoe"));
        Assert.Equal(["Zoé"], Tokens([token with { Normalized = false }], "Zoé"));
    }

    [Fact]
    public void ASingleWordMustStandAlone()
    {
        AddedToken token = new(20, "new") { SingleWord = true };
        Assert.Equal(["new", "##bie"], Tokens([token], "newbie"));
        Assert.Equal([20, 20, 20], Ids([token], "new new\nnew"));
        Assert.Equal([20, 1, 20], Ids([token], "new-new"));
        Assert.Equal([1], Ids([token], "énew"));
        Assert.Equal([1], Ids([token], "𝒜new"));
        Assert.Equal([1], Ids([token], "new_")[..1] is [20] ? [0] : [1]);
    }

    [Fact]
    public void StrippingSwallowsWhiteSpaceUpToTheTokenBefore()
    {
        AddedToken token = new(20, "<x>") { LStrip = true, RStrip = true };
        var tokenizer = Tokenizer([token]);
        var encoding = tokenizer.Encode("a \t<x>  <x> b", new EncodingOptions { AddSpecialTokens = false });
        Assert.Equal([5, 20, 20, 6], encoding.Ids.ToArray());
        Assert.Equal([new(0, 1), new(1, 8), new(8, 12), new(12, 13)], encoding.Offsets.ToArray());
    }

    [Fact]
    public void TheLongestTokenAtTheLeftmostPlaceWins()
    {
        AddedToken[] tokens = [new(20, "<x"), new(21, "<x>"), new(22, "x>")];
        Assert.Equal([21, 22, 20], Ids(tokens, "<x>x><x"));
    }

    [Fact]
    public void AnAddedTokenIsNoPieceOfAWord()
    {
        AddedToken token = new(20, "abc") { SingleWord = true };
        Assert.Equal(["a", "##b", "##c", "##b"], Tokens([token], "abcb"));
    }

    [Fact]
    public void SpecialOnesAreSkippedInDecoding()
    {
        var tokenizer = Tokenizer([new(20, "<s1>") { Special = true }, new(21, "<n1>")]);
        var ids = tokenizer.Encode("a <s1> <n1> b").Ids.ToArray();
        Assert.Equal("a <n1> b", tokenizer.Decode(ids));
        Assert.True(tokenizer.IsSpecial(20));
        Assert.False(tokenizer.IsSpecial(21));
        Assert.Equal(22, tokenizer.Vocabulary.Count);
    }

    [Fact]
    public void AddedTokensSurviveSaving()
    {
        var tokenizer =
            Tokenizer([new(20, "Zoé") { Normalized = true, LStrip = true }, new(21, "<n1>") { SingleWord = true, RStrip = true }]);
        var folder = Directory.CreateTempSubdirectory("added").FullName;
        try
        {
            tokenizer.Save(folder);
            var loaded = BertTokenizer.Load(folder);
            Assert.Equal(tokenizer.Options.AddedTokens, loaded.Options.AddedTokens);
            Assert.Equal(tokenizer.Encode("a zoe <n1> b").Ids.ToArray(), loaded.Encode("a zoe <n1> b").Ids.ToArray());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("\u0001", null)]
    [InlineData("Zoé", "zoe")]
    public void TokensThatCannotBeToldApartInNormalizedTextAreRefused(string first, string? second)
    {
        List<AddedToken> tokens = [new(20, first) { Normalized = true }];
        if (second is not null) tokens.Add(new AddedToken(21, second) { Normalized = true });
        Assert.Throws<InvalidModelFileException>(() => Tokenizer([.. tokens]));
    }

    [Theory]
    [InlineData(5, 20)]
    [InlineData(20, 20)]
    public void AnIdOfAnotherTokenIsRefused(int first, int second) =>
        Assert.Throws<InvalidModelFileException>(() => Tokenizer([new(first, "<x>"), new(second, "<y>")]));

    private static BertTokenizer Tokenizer(AddedToken[] tokens) =>
        BertTokenizer.FromVocabulary(Small, new BertTokenizerOptions { AddedTokens = tokens });

    private static int[] Ids(AddedToken[] tokens, string text) =>
        Tokenizer(tokens).Encode(text, new EncodingOptions { AddSpecialTokens = false }).Ids.ToArray();

    private static IReadOnlyList<string> Tokens(AddedToken[] tokens, string text) =>
        Tokenizer(tokens).Encode(text, new EncodingOptions { AddSpecialTokens = false }).Tokens;
}
