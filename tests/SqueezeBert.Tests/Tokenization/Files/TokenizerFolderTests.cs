using SqueezeBert.Checkpoints;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.Tokenization.Files;

/// <summary>Tokenizers of folders in all the forms that transformers saved them in, and those that must be refused.</summary>
public sealed class TokenizerFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tokenizer-folder").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("added-emoji", "the [MASK] 🤗 cat", 2, 5, 4, 55, 6, 3)]
    [InlineData("added-hangul", "the [MASK] 한국 cat", 2, 5, 4, 55, 6, 3)]
    [InlineData("added-tokens-file", "the <e1> cat [E2]", 2, 5, 55, 6, 56, 3)]
    [InlineData("special-tokens-map", "the <e1> cat [E2]", 2, 5, 53, 6, 54, 3)]
    [InlineData("additional-special-tokens", "the <e1> cat [E2]", 2, 5, 53, 6, 54, 3)]
    [InlineData("doubled-token", "the <e1> cat", 2, 5, 55, 6, 3)]
    [InlineData("unknown-unk-token", "the zzz", 2, 5, 1, 3)]
    [InlineData("other-cls-token", "the cat", 2, 5, 6, 3)]
    public void AFolderGivesTheReferencesIds(string folder, string text, params int[] ids) =>
        Assert.Equal(ids, BertTokenizer.Load(Cases.Folder(folder)).Encode(text).Ids.ToArray());

    [Fact]
    public void ANormalizedTokenIsSpelledAsInTheNormalizedText()
    {
        var tokenizer = BertTokenizer.Load(Cases.Folder("normalized-token", "tokenizer.json"));
        Assert.Equal("istanbul", tokenizer.Encode("the İstanbul cat").Tokens[2]);
        Assert.Equal("the istanbul cat", tokenizer.Decode([5, 55, 6]));
        Assert.True(tokenizer.Vocabulary.TryGetId("İstanbul", out var id));
        Assert.Equal((55, "istanbul", false), (id, tokenizer.Vocabulary[55], tokenizer.Vocabulary.TryGetId("istanbul", out _)));
    }

    [Theory]
    [InlineData("""{"extra_special_tokens":["<e1>",{"content":"[E2]","lstrip":true}]}""")]
    [InlineData("""{"extra_special_tokens":{"first_token":"<e1>","second_token":"[E2]"}}""")]
    [InlineData("""{"extra_special_tokens":{},"additional_special_tokens":["<e1>","[E2]"]}""")]
    [InlineData("""{"image_token":"<e1>","bos_token":"[E2]","eos_token":null}""")]
    [InlineData("""{"added_tokens_decoder":{"54":{"content":"[E2]","special":true},"53":{"content":"<e1>","special":true}}}""")]
    public void EveryPlaceOfSpecialTokensIsRead(string config)
    {
        Cases.CopyTo("special-tokens-map", _folder);
        File.Delete(Path.Combine(_folder, "special_tokens_map.json"));
        Assert.NotEqual([2, 5, 53, 6, 54, 3], BertTokenizer.Load(_folder).Encode("the <e1> cat [E2]").Ids.ToArray());

        Write("tokenizer_config.json", config);
        var tokenizer = BertTokenizer.Load(_folder);

        Assert.Equal([2, 5, 53, 6, 54, 3], tokenizer.Encode("the <e1> cat [E2]").Ids.ToArray());
        Assert.True(tokenizer.IsSpecial(53) && tokenizer.IsSpecial(54));
    }

    [Fact]
    public void OldFilesCountOnlyWithoutADecoderAndOverTheConfiguration()
    {
        Cases.CopyTo("special-tokens-map", _folder);
        Write("tokenizer_config.json", """{"mask_token":"dog"}""");
        Write("special_tokens_map.json", """{"mask_token":"cat","additional_special_tokens":["<e1>"]}""");
        Write("added_tokens.json", """{"<new>":55,"<e1>":53}""");
        var tokenizer = BertTokenizer.Load(_folder);
        Assert.Equal((6, true, true, false),
            (tokenizer.MaskTokenId, tokenizer.IsSpecial(53), tokenizer.Vocabulary.TryGetId("<new>", out _), tokenizer.IsSpecial(55)));

        Write("tokenizer_config.json", """{"mask_token":"dog","added_tokens_decoder":{}}""");
        tokenizer = BertTokenizer.Load(_folder);
        Assert.Equal((11, false, false), (tokenizer.MaskTokenId, tokenizer.IsSpecial(53), tokenizer.Vocabulary.TryGetId("<new>", out _)));
    }

    [Fact]
    public void NewTokensHaveTheIdsBehindTheVocabularyWhateverTheFileSays()
    {
        Cases.CopyTo("added-tokens-file", _folder);
        Write("added_tokens.json", """{"<b>":70,"<a>":60,"cat":99}""");
        var tokenizer = BertTokenizer.Load(_folder);
        Assert.Equal([2, 6, 55, 56, 3], tokenizer.Encode("cat <a> <b>").Ids.ToArray());
        Assert.Equal(57, tokenizer.Vocabulary.Count);

        Write("tokenizer_config.json", """{"added_tokens_decoder":{"3":{"content":"<a>"},"70":{"content":"<b>"}}}""");
        Assert.Equal([2, 55, 56, 3], BertTokenizer.Load(_folder).Encode("<a> <b>").Ids.ToArray());
    }

    [Fact]
    public void ATokenBesideAVocabularyWithGapsIsRefused()
    {
        Write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\na\n");
        Write("added_tokens.json", """{"<a>":6}""");
        var exception = Assert.Throws<InvalidModelFileException>(() => BertTokenizer.Load(_folder));
        Assert.Equal("added token <a>", exception.Item);
    }

    [Fact]
    public void IdsOfACallersTokensSurviveSaving()
    {
        var tokenizer = BertTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "a"],
            new BertTokenizerOptions { AddedTokens = [new AddedToken(9, "<x>"), new AddedToken(12, "<y>")] });
        tokenizer.Save(_folder);
        foreach (var path in (string[])[_folder, Path.Combine(_folder, "tokenizer.json")])
            Assert.Equal([2, 9, 5, 12, 3], BertTokenizer.Load(path).Encode("<x> a <y>").Ids.ToArray());
        File.Delete(Path.Combine(_folder, "tokenizer.json"));
        Assert.Equal([2, 9, 5, 12, 3], BertTokenizer.Load(_folder).Encode("<x> a <y>").Ids.ToArray());
    }

    [Theory]
    [InlineData("tokenizer_class", """{"tokenizer_class":"BertJapaneseTokenizer"}""")]
    [InlineData("tokenizer_class", """{"tokenizer_class":"RobertaTokenizerFast"}""")]
    [InlineData("tokenizer_class", """{"tokenizer_class":"PreTrainedTokenizerFast"}""")]
    [InlineData("word_tokenizer_type", """{"word_tokenizer_type":"mecab"}""")]
    [InlineData("subword_tokenizer_type", """{"subword_tokenizer_type":"character"}""")]
    [InlineData("do_subword_tokenize", """{"do_subword_tokenize":false}""")]
    [InlineData("split_special_tokens", """{"split_special_tokens":true}""")]
    [InlineData("do_lower_case", """{"do_lower_case":null}""")]
    [InlineData("sep_token", """{"sep_token":null}""")]
    [InlineData("sep_token", """{"sep_token":7}""")]
    [InlineData("additional_special_tokens", """{"additional_special_tokens":"<e1>"}""")]
    [InlineData("additional_special_tokens", """{"additional_special_tokens":[null]}""")]
    [InlineData("added_tokens_decoder", """{"added_tokens_decoder":null}""")]
    [InlineData("added_tokens_decoder", """{"added_tokens_decoder":{"x":{"content":"y"}}}""")]
    [InlineData("added_tokens_decoder", """{"added_tokens_decoder":{"55":{}}}""")]
    [InlineData("single_word", """{"added_tokens_decoder":{"55":{"content":"y","single_word":null}}}""")]
    public void AnotherTokenizerIsRefusedByName(string item, string config)
    {
        Cases.CopyTo("added-tokens-file", _folder);
        BertTokenizer.Load(_folder);
        Write("tokenizer_config.json", config);
        var exception = Assert.Throws<InvalidModelFileException>(() => BertTokenizer.Load(_folder));
        Assert.Equal((Path.Combine(_folder, "tokenizer_config.json"), item), (exception.File, exception.Item));
    }

    [Theory]
    [InlineData("BertTokenizer")]
    [InlineData("SqueezeBertTokenizerFast")]
    [InlineData("ElectraTokenizer")]
    public void ARelativeOfBertIsRead(string name)
    {
        Cases.CopyTo("added-tokens-file", _folder);
        Write("tokenizer_config.json", $$"""{"tokenizer_class":"{{name}}","word_tokenizer_type":"basic","subword_tokenizer_type":null}""");
        Assert.Equal([2, 6, 3], BertTokenizer.Load(_folder).Encode("cat").Ids.ToArray());
    }

    [Fact]
    public void TheClassMayStandInTheModelsConfiguration()
    {
        Assert.Equal("word_tokenizer_type",
            Assert.Throws<InvalidModelFileException>(() => BertTokenizer.Load(Cases.Folder("japanese"))).Item);
        Cases.CopyTo("japanese", _folder);
        Write("tokenizer_config.json", """{"do_lower_case":false}""");
        BertTokenizer.Load(_folder);
        Write("config.json", """{"model_type":"bert","tokenizer_class":"BertJapaneseTokenizer"}""");
        Assert.Contains("This is a BertJapaneseTokenizer",
            Assert.Throws<InvalidModelFileException>(() => BertTokenizer.Load(_folder)).Message, StringComparison.Ordinal);
    }

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder, name), content);
}
