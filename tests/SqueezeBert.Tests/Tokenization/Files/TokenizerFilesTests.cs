using System.Text.Json;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Tokenization;
using Utf8 = System.Text.Encoding;

namespace SqueezeBert.Tests.Tokenization.Files;

/// <summary>Vocabularies and tokenizer files: read, written, damaged.</summary>
public sealed class TokenizerFilesTests : IDisposable
{
    private static readonly string[] Small = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "hello", "world", "##s", "é", "e", "##l",
        "##o", "h"];

    private readonly string _folder = Directory.CreateTempSubdirectory("tokenizer").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ASavedTokenizerLoadsFromEachOfItsFiles(bool uncased)
    {
        var original = BertTokenizer.FromVocabulary(
            (uncased ? TokenizerFixtures.Uncased : TokenizerFixtures.Cased).Vocabulary.Tokens!,
            new BertTokenizerOptions { LowerCase = uncased, ModelMaxLength = 512, MaxInputCharsPerWord = uncased ? 100 : 50 });
        original.Save(_folder);
        Assert.Equal(
            ["special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt"],
            Directory.GetFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var text = "Héllo [MASK] wörld, 中文 unaffable " + new string('x', 60);
        var folder = BertTokenizer.Load(_folder);
        Assert.Equal(512, folder.ModelMaxLength);
        Assert.Equal(original.Options with { AddedTokens = [] }, folder.Options with { AddedTokens = [] });
        Assert.Equal(original.Options.AddedTokens, folder.Options.AddedTokens);
        Assert.Equal(original.Vocabulary.Tokens, folder.Vocabulary.Tokens);
        Same(original, folder, text);
        Same(original, BertTokenizer.Load(Path.Combine(_folder, "tokenizer.json")), text);
        File.Delete(Path.Combine(_folder, "tokenizer.json"));
        if (uncased)
            Same(original, BertTokenizer.Load(_folder), text);
        else
            Assert.False(BertTokenizer.Load(_folder).Options.LowerCase);
        Same(original, BertTokenizer.Load(Path.Combine(_folder, "vocab.txt"), original.Options), text);
    }

    [Fact]
    public void TheWrittenTokenizerJsonHasTheReferencesShape()
    {
        BertTokenizer.FromVocabulary(Small).Save(_folder);
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "tokenizer.json")))!;
        Assert.Equal("WordPiece", (string?)json["model"]!["type"]);
        Assert.Equal(5, (int)json["model"]!["vocab"]!["hello"]!);
        Assert.Equal("BertNormalizer", (string?)json["normalizer"]!["type"]);
        Assert.Null(json["normalizer"]!["strip_accents"]);
        Assert.Equal("BertPreTokenizer", (string?)json["pre_tokenizer"]!["type"]);
        Assert.Equal("TemplateProcessing", (string?)json["post_processor"]!["type"]);
        Assert.Equal(2, (int)json["post_processor"]!["special_tokens"]!["[CLS]"]!["ids"]![0]!);
        Assert.Equal("WordPiece", (string?)json["decoder"]!["type"]);
        Assert.Equal([0, 1, 2, 3, 4], json["added_tokens"]!.AsArray().Select(t => (int)t!["id"]!));
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "tokenizer_config.json")))!;
        Assert.Equal("BertTokenizer", (string?)config["tokenizer_class"]);
        Assert.True((bool)config["do_lower_case"]!);
        Assert.Equal("[MASK]", (string?)config["mask_token"]);
    }

    [Fact]
    public void TheConfigurationOverridesTheDefaults()
    {
        File.WriteAllLines(Path.Combine(_folder, "vocab.txt"), [.. Small, "Hello", "<s>"]);
        File.WriteAllText(
            Path.Combine(_folder, "tokenizer_config.json"),
            """{"do_lower_case": false, "strip_accents": true, "tokenize_chinese_chars": false, "model_max_length": 1000000000000000019884624838656, "cls_token": {"content": "<s>"}, "other": [1]}""");
        var tokenizer = BertTokenizer.Load(_folder);
        Assert.Null(tokenizer.ModelMaxLength);
        Assert.Equal(["<s>", "Hello", "e", "[SEP]"], tokenizer.Encode("Hello é").Tokens);
        Assert.False(tokenizer.Options.HandleChineseChars);
    }

    [Fact]
    public void VocabularyLinesAreTrimmedAtTheEndAndTheLastOfEqualTokensCounts()
    {
        var text = "\uFEFF[PAD]\r\n[UNK]\n[CLS]\n[SEP]\nhello \nworld\t\nhello\n\nlast";
        var tokenizer = BertTokenizer.FromVocabulary(new MemoryStream(Utf8.UTF8.GetBytes(text)));
        Assert.Equal(9, tokenizer.Vocabulary.Count);
        Assert.Equal([2, 6, 5, 8, 3], tokenizer.Encode("hello world last").Ids.ToArray());
        Assert.Equal(0, tokenizer.PadTokenId);
        Assert.Equal(-1, tokenizer.MaskTokenId);
        Assert.Equal("hello", tokenizer.Vocabulary[4]);
    }

    [Theory]
    [InlineData("missing unknown", "[CLS]\n[SEP]\nhello")]
    [InlineData("missing separator", "[CLS]\n[UNK]\nhello")]
    [InlineData("empty", "")]
    public void AVocabularyThatCannotWorkIsRefused(string why, string text)
    {
        var exception =
            Assert.Throws<InvalidModelFileException>(() => BertTokenizer.FromVocabulary(new MemoryStream(Utf8.UTF8.GetBytes(text))));
        Assert.False(string.IsNullOrEmpty(exception.Message), why);
        var file = Path.Combine(_folder, "vocab.txt");
        File.WriteAllText(file, text);
        Assert.Equal(file, Assert.Throws<InvalidModelFileException>(() => BertTokenizer.Load(file)).File);
    }

    [Fact]
    public void AVocabularyThatIsNotUtf8IsRefused() =>
        Assert.Throws<InvalidModelFileException>(() => BertTokenizer.FromVocabulary(new MemoryStream([.. "[UNK]\n"u8, 0xFF, 0xFE])));

    [Fact]
    public void AMissingPathIsNamed()
    {
        var missing = Path.Combine(_folder, "nothing");
        Assert.Contains(missing, Assert.Throws<FileNotFoundException>(() => BertTokenizer.Load(missing)).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => BertTokenizer.Load(_folder));
    }

    [Theory]
    [InlineData("model.type", """{"model": {"type": "BPE", "vocab": {}, "merges": []}}""")]
    [InlineData("model.type", """{"model": {"vocab": {}, "merges": []}}""")]
    [InlineData("model.type", """{"model": {"type": "Unigram", "vocab": [["a", 0.5]]}}""")]
    [InlineData("model.vocab", """{"model": {"type": "WordPiece", "vocab": [["a", 0.5]]}}""")]
    [InlineData("model.vocab", """{"model": {"type": "WordPiece", "vocab": {}}}""")]
    [InlineData("model.vocab", """{"model": {"type": "WordPiece", "vocab": {"a": -1}}}""")]
    [InlineData("model.vocab", """{"model": {"type": "WordPiece", "vocab": {"a": 2000000000}}}""")]
    [InlineData("model.vocab", """{"model": {"type": "WordPiece", "vocab": {"a": 0, "b": 0}}}""")]
    [InlineData("model.vocab", """{"model": {"type": "WordPiece", "vocab": {"a": "0"}}}""")]
    [InlineData(null, """{"model": {"type": "WordPiece", "vocab": {"\ud800": 0}}}""")]
    [InlineData("model", """{"version": "1.0"}""")]
    [InlineData("model", "[]")]
    [InlineData(null, "{")]
    [InlineData(null, "")]
    [InlineData("normalizer", """{"model": {"type": "WordPiece", "vocab": {"a": 0}}, "normalizer": {"type": "Sequence"}}""")]
    [InlineData("pre_tokenizer", """{"model": {"type": "WordPiece", "vocab": {"a": 0}}, "pre_tokenizer": {"type": "Whitespace"}}""")]
    [InlineData(
        "post_processor",
        """{"model": MODEL, "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": {"type": "RobertaProcessing"}}""")]
    [InlineData("added_tokens", """{"model": MODEL, "pre_tokenizer": {"type": "BertPreTokenizer"}, "added_tokens": [1]}""")]
    [InlineData("added_tokens", """{"model": MODEL, "pre_tokenizer": {"type": "BertPreTokenizer"}, "added_tokens": [{"id": 3}]}""")]
    [InlineData("model.vocab", """{"model": {"type": "WordPiece", "vocab": {"a": 0, "b": 1, "a": 2}}}""")]
    public void ADamagedOrForeignTokenizerJsonIsRefused(string? item, string json)
    {
        var file = Path.Combine(_folder, "tokenizer.json");
        File.WriteAllText(file, json.Replace("MODEL",
            """{"vocab": {"a": 0}, "unk_token": "a", "continuing_subword_prefix": "##", "max_input_chars_per_word": 9}""",
            StringComparison.Ordinal));
        var exception = Assert.Throws<InvalidModelFileException>(() => BertTokenizer.Load(file));
        Assert.Equal(file, exception.File);
        Assert.Equal(item, exception.Item);
    }

    [Fact]
    public void EveryTruncationOfATokenizerJsonIsRefusedOrRead()
    {
        BertTokenizer.FromVocabulary(Small).Save(_folder);
        var file = Path.Combine(_folder, "tokenizer.json");
        var bytes = File.ReadAllBytes(file);
        for (var length = 0; length < bytes.Length - 2; length += 7)
        {
            File.WriteAllBytes(file, bytes[..length]);
            Assert.Throws<InvalidModelFileException>(() => BertTokenizer.Load(file));
        }

        var random = new Random(5);
        for (var i = 0; i < 500; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(file, damaged);
            try
            {
                BertTokenizer.Load(file).Encode("hello world");
            }
            catch (InvalidModelFileException)
            {
                // The one documented answer to a file that cannot be read.
            }
        }
    }

    [Fact]
    public void TheOldBertProcessingIsRead()
    {
        var file = Path.Combine(_folder, "tokenizer.json");
        var vocabulary = JsonSerializer.Serialize(new Dictionary<string, int> { ["<u>"] = 0, ["<c>"] = 7, ["<s>"] = 2, ["a"] = 3 });
        File.WriteAllText(file, $$$"""
            {"model": {"vocab": {{{vocabulary}}}, "unk_token": "<u>", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100},
             "normalizer": null, "pre_tokenizer": {"type": "BertPreTokenizer"},
             "post_processor": {"type": "BertProcessing", "sep": ["<s>", 2], "cls": ["<c>", 7]}}
            """);
        var tokenizer = BertTokenizer.Load(file);
        Assert.Equal([7, 3, 0, 2], tokenizer.Encode("a A").Ids.ToArray());
        Assert.Equal(8, tokenizer.Vocabulary.Count);
        Assert.False(tokenizer.Vocabulary.TryGetToken(5, out _));
    }

    private static void Same(BertTokenizer expected, BertTokenizer actual, string text) =>
        Assert.Equal(expected.Encode(text).Ids.ToArray(), actual.Encode(text).Ids.ToArray());
}
