using SqueezeBert.Checkpoints;
using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Tests.Pipelines.Filling;

public class MaskFillerTests
{
    private const string Text = "The [MASK] was very [MASK].";

    [Fact]
    public void EachMaskHasTheSoftmaxOfItsLogitsOverTheTokenizersTokens()
    {
        using var folder = new ClassifierFolder("squeezebert-masked-lm");
        using var filler = MaskFiller.Load(folder.Path, new MaskFillerOptions { Top = 3 });
        var filling = filler.Fill(Text);
        Assert.Equal(["[MASK]", "[MASK]"], filling.Masks.Select(mask => Text[mask.Start..mask.End]));
        Assert.Equal([4, 20], filling.Masks.Select(mask => mask.Start));
        var expected = Probabilities(folder.Path, Text);
        Assert.Equal(2, expected.Count);
        for (var mask = 0; mask < 2; mask++)
        {
            var best = expected[mask].Select((score, id) => (score, id)).OrderByDescending(pair => pair.score).Take(3).ToList();
            Assert.Equal(best.Select(pair => pair.id), filling.Masks[mask].Tokens.Select(token => token.Id));
            for (var i = 0; i < 3; i++)
            {
                Assert.Equal(best[i].score, filling.Masks[mask].Tokens[i].Score, 1e-6);
                Assert.Equal(filler.Tokenizer.Vocabulary[best[i].id], filling.Masks[mask].Tokens[i].Token);
            }
        }

        Assert.DoesNotContain("[MASK]", filling.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void IdsThatTheTokenizerDoesNotHaveNeverWin()
    {
        // 68 tokens, 211 rows: the probabilities of the rest are zero, and those of the tokens add up to one.
        using var folder = new ClassifierFolder("squeezebert-masked-lm");
        using var filler = MaskFiller.Load(folder.Path, new MaskFillerOptions { Top = 1000 });
        var tokens = filler.Fill("the [MASK]").Masks.Single().Tokens;
        Assert.Equal(filler.Tokenizer.Vocabulary.Count, tokens.Count);
        Assert.True(tokens.Count < filler.Configuration.VocabularySize);
        Assert.Equal(1, tokens.Sum(token => token.Score), 1e-4f);
    }

    [Fact]
    public void TargetsAreScoredAloneWithTheirShareOfTheWhole()
    {
        using var folder = new ClassifierFolder("squeezebert-masked-lm");
        using var filler = MaskFiller.Load(folder.Path, new MaskFillerOptions { Top = 1000 });
        var all = filler.Fill(Text).Masks[0].Tokens.ToDictionary(token => token.Token, token => token.Score);
        var some = filler.Fill(Text, ["good", "Bad", "##z"]).Masks[0].Tokens;
        Assert.Equal(["##z", "bad", "good"], some.Select(token => token.Token).Order(StringComparer.Ordinal));
        Assert.All(some, token => Assert.Equal(all[token.Token], token.Score));
        Assert.Equal(some.OrderByDescending(token => token.Score), some);
        Assert.Contains("'goodbad'", Assert.Throws<ArgumentException>(() => filler.Fill(Text, ["goodbad"])).Message,
            StringComparison.Ordinal);
        Assert.Contains("'é☃'", Assert.Throws<ArgumentException>(() => filler.Fill(Text, ["é☃"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WindowsFillMasksAnywhereAndACutOffOneIsTold()
    {
        using var folder = new ClassifierFolder("squeezebert-masked-lm");
        using var cut = MaskFiller.Load(folder.Path);
        using var windows = MaskFiller.Load(folder.Path, new MaskFillerOptions { Reading = new() { LongText = LongText.Windows } },
            new ModelOptions { BatchTokens = 40 });
        var words = Enumerable.Range(0, 80).Select(i => i is 2 or 30 or 75 ? "[MASK]" : "film").ToArray();
        var text = string.Join(' ', words);
        var short1 = cut.Fill(text);
        Assert.True(short1.Read.IsTruncated);
        Assert.Equal(2, short1.Masks.Count);
        var all = windows.Fill(text);
        Assert.False(all.Read.IsTruncated);
        Assert.Equal(3, all.Masks.Count);

        // Windows of 38 tokens at steps of 19: the overlap 19..38 is divided at 28, 38..57 at 47; token 30 is the second window's, 75 the
        // fourth's (57..80).
        Assert.Equal(cut.Fill(string.Join(' ', words[0..38])).Masks[0].Tokens, all.Masks[0].Tokens);
        Assert.Equal(cut.Fill(string.Join(' ', words[19..57])).Masks[0].Tokens, all.Masks[1].Tokens);
        Assert.Equal(cut.Fill(string.Join(' ', words[57..80])).Masks[0].Tokens, all.Masks[2].Tokens);
    }

    [Fact]
    public void TextsWithoutMasksAreOrdinaryAndBatchesChangeNothing()
    {
        using var folder = new ClassifierFolder("squeezebert-masked-lm");
        using var filler = MaskFiller.Load(folder.Path, null, new ModelOptions { BatchTokens = 16 });
        string[] texts = ["good film", Text, "", "[MASK]", "very [MASK] film", "the film [MASK] [MASK] [MASK] good"];
        var together = filler.Fill(texts);
        Assert.Equal([0, 2, 0, 1, 1, 3], together.Select(filling => filling.Masks.Count));
        Assert.Equal("good film", together[0].Text);
        for (var i = 0; i < texts.Length; i++)
        {
            var alone = filler.Fill(texts[i]);
            Assert.Equal(alone.Text, together[i].Text);
            Assert.Equal(alone.Masks.SelectMany(mask => mask.Tokens), together[i].Masks.SelectMany(mask => mask.Tokens));
        }
    }

    [Fact]
    public void ATokenThatContinuesAWordIsJoinedToIt()
    {
        using var folder = new ClassifierFolder("squeezebert-masked-lm");
        using var filler = MaskFiller.Load(folder.Path);
        Assert.Equal("the films was", filler.Fill("the film [MASK] was", ["##s"]).Text);
        Assert.Equal("the film good was", filler.Fill("the film [MASK] was", ["good"]).Text);
    }

    [Fact]
    public void TheInnerPathAllocatesNothingAndAgrees()
    {
        using var folder = new ClassifierFolder("squeezebert-masked-lm");
        using var filler = MaskFiller.Load(folder.Path, new MaskFillerOptions { Top = 1000 });
        var probabilities = new float[2 * filler.Configuration.VocabularySize];
        for (var i = 0; i < 50; i++) filler.Fill(Text.AsSpan(), probabilities, out _);
        var masks = 0;
        Assert.Equal(0, Allocations.Least(() =>
        {
            masks = 0;
            for (var i = 0; i < 20; i++) masks += filler.Fill(Text.AsSpan(), probabilities, out _);
        }));
        Assert.Equal(40, masks);
        foreach (var token in filler.Fill(Text).Masks[1].Tokens)
            Assert.Equal(probabilities[filler.Configuration.VocabularySize + token.Id], token.Score);
        Assert.Equal(0, probabilities[^1]);
    }

    [Fact]
    public void AnotherKindOfModelIsRefused()
    {
        using var folder = new ClassifierFolder();
        Assert.Contains("masked language", Assert.Throws<UnsupportedModelException>(() => MaskFiller.Load(folder.Path)).Message,
            StringComparison.Ordinal);
    }

    /// <summary>Of each mask, over the tokenizer's ids.</summary>
    private static List<double[]> Probabilities(string path, string text)
    {
        using var model = new PlainModel(path);
        var encoding = model.Tokenizer.Encode(text);
        var logits = model.Run(encoding).Chunk(model.Configuration.VocabularySize).ToList();
        return [.. Enumerable.Range(0, encoding.Length).Where(i => encoding.Ids[i] == model.Tokenizer.MaskTokenId)
            .Select(i => PlainModel.Softmax(logits[i].Take(model.Tokenizer.Vocabulary.Count).Select(value => (double)value)))];
    }
}
