using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Cli.Tests;

public sealed class TokenizeTests : IDisposable
{
    private readonly TestTool _tool = new();

    private string Vocabulary => Path.Combine(_tool.Model, "vocab.txt");

    public void Dispose() => _tool.Dispose();

    [Theory]
    [InlineData("uncased.jsonl", "bert-base-uncased.txt")]
    [InlineData("cased.jsonl", "bert-base-cased.txt", "--cased")]
    public void RowsOfTheReferenceHaveTheReferencesTokens(string fixture, string vocabulary, params string[] args)
    {
        var rows = Fixture(fixture).TrimEnd('\n').Split('\n');
        var answer = TestTool.Run(["tokenize", "--vocab", _tool.Write("v.txt", Fixture(vocabulary)), "--jsonl", "--file",
            _tool.Write("in.jsonl", Fixture(fixture)), .. args]);
        Assert.Equal((0, ""), (answer.Code, answer.Error));
        Assert.Equal(rows.Length, answer.Lines.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            var (expected, actual) = (JsonNode.Parse(rows[i])!, JsonNode.Parse(answer.Lines[i])!);
            Assert.Equal(["ids", "tokens", "type_ids", "offsets"], actual.AsObject().Select(property => property.Key));
            foreach (var (name, reference) in new[] { ("ids", "ids"), ("tokens", "tokens"), ("offsets", "offsets_utf16") })
                Assert.True(JsonNode.DeepEquals(expected[reference], actual[name]),
                    $"row {i}, {name}: {expected[reference]!.ToJsonString()} {actual[name]!.ToJsonString()}");
            Assert.All(actual["type_ids"]!.AsArray(), type => Assert.Equal(0, (int)type!));
        }
    }

    [Theory]
    [InlineData(24)]
    [InlineData(40)]
    [InlineData(64)]
    public void PairsOfTheReferenceAreCutAsItDoes(int maxLength)
    {
        var rows = Fixture("pairs.jsonl").TrimEnd('\n').Split('\n').Select(line => JsonNode.Parse(line)!)
            .Where(row => (int)row["max_length"]! == maxLength && (string)row["strategy"]! == "longest_first").ToList();
        Assert.NotEmpty(rows);
        var input = string.Concat(rows.Select(row => $"{{\"text\":{row["a"]!.ToJsonString()},\"pair\":{row["b"]!.ToJsonString()}}}\n"));
        var answer = TestTool.RunOn(input, "tokenize", "--vocab", _tool.Write("v.txt", Fixture("bert-base-uncased.txt")), "--jsonl",
            "--max-length", $"{maxLength}");
        Assert.Equal(rows.Count, answer.Lines.Length);
        for (var i = 0; i < rows.Count; i++)
        {
            var (expected, actual) = (rows[i]["encoding"]!, JsonNode.Parse(answer.Lines[i])!);
            foreach (var (name, reference) in new[] { ("ids", "ids"), ("type_ids", "type_ids"),
                ("offsets", "offsets_utf16") }) Assert.True(JsonNode.DeepEquals(expected[reference], actual[name]), $"row {i}, {name}");
            Assert.Equal(rows[i]["overflowing"]!.AsArray().Count > 0, (bool)actual["truncated"]!);
        }
    }

    [Fact]
    public void TokensAreShownALineAText()
    {
        byte[] bytes = [0xEF, 0xBB, 0xBF, .. "The fílm\r\n\r\nfilms!"u8, 0xFF];
        var answer = TestTool.Run("tokenize", "--vocab", Vocabulary, "--file", _tool.Write("texts", bytes));
        Assert.Equal(["[CLS] the film [SEP]", "[CLS] [SEP]", "[CLS] film ##s ! [SEP]"], answer.Lines);
        Assert.Equal(answer, TestTool.RunOn(new MemoryStream(bytes), "tokenize", "--vocab", Vocabulary));
        Assert.Equal(answer, TestTool.RunOn(new MemoryStream(bytes), "tokenize", "--model", _tool.Model, "--file", "-"));
        Assert.Equal(["[CLS] [UNK] [UNK] [SEP]", "[CLS] f ##i [SEP]"],
            TestTool.Run("tokenize", "--vocab", Vocabulary, "--cased", "The fílm", "fi").Lines);
        Assert.Equal(["[CLS] f ##i [SEP]"],
            TestTool.Run("tokenize", "--vocab", Path.Combine(_tool.Model, "tokenizer.json"), "--max-length", "4", "fish").Lines);
    }

    [Fact]
    public void OtherWindowsOverflow()
    {
        var text = string.Join(' ', Enumerable.Range(0, 30).Select(i => i % 2 == 0 ? "good" : "films"));
        var line =
            JsonNode.Parse(
                Assert.Single(
                    TestTool.RunOn(JsonSerializer.Serialize(new { text }), "tokenize", "--model", _tool.Model, "--jsonl", "--max-length",
                        "20", "--stride", "5").Lines))!;
        var expected = BertTokenizer.Load(_tool.Model)
            .Encode(text, new EncodingOptions { MaxLength = 20, Stride = 5, ReturnOverflowing = true });
        Assert.True((bool)line["truncated"]!);
        Assert.Equal(expected.Overflowing.Select(window => string.Join(' ', window.Tokens)), line["overflowing"]!.AsArray()
            .Select(window => string.Join(' ', window!["tokens"]!.AsArray().Select(token => (string)token!))));
        Assert.NotEmpty(expected.Overflowing);
    }

    [Fact]
    public void ManyLinesKeepTheirOrder()
    {
        var texts = Enumerable.Range(0, 20_000).Select(i => i == 7 ? new string('x', 1 << 20) : $"good {i % 26} {(char)('a' + (i % 26))}")
            .ToArray();
        var answer = TestTool.RunOn(string.Join('\n', texts), "tokenize", "--model", _tool.Model);
        var tokenizer = BertTokenizer.Load(_tool.Model);
        Assert.Equal(texts.Select(text => string.Join(' ', tokenizer.Encode(text).Tokens)), answer.Lines);
    }

    [Theory]
    [InlineData("{\"text\": \"good\"}\nnope\n", 1, ":2: invalid JSON at byte 2 of the line")]
    [InlineData("{\"text\": \"good\"}\n\n{\"text\": \"bad\"}\n", 1, ":2: invalid JSON")]
    [InlineData("[\"good\"]", 0, ":1: a JSON object is needed, not an array")]
    [InlineData("{\"txt\": \"good\"}", 0, ":1: the object has no \"text\"")]
    [InlineData("{\"text\": 7}", 0, ":1: \"text\" is not a string")]
    [InlineData("{\"text\": \"good\"}\n{\"text\": \"good\", \"pair\": []}", 1, ":2: \"pair\" is not a string")]
    public void ABadLineIsToldBehindTheAnswersBefore(string input, int answered, string expected)
    {
        var answer = TestTool.RunOn(input, "tokenize", "--model", _tool.Model, "--jsonl");
        Assert.Equal((1, answered), (answer.Code, answer.Lines.Length));
        Assert.StartsWith("squeezebert tokenize: standard input" + expected, TestTool.OneLine(answer.Error), StringComparison.Ordinal);
    }

    [Fact]
    public void APairWithoutRoomIsToldWithItsLine()
    {
        var answer =
            TestTool.RunOn(
                "{\"text\":\"good\",\"pair\":null}\n{\"text\":\"good\",\"pair\":\"bad\"}\n{\"text\":\"good\",\"pair\":\"bad\"}\n",
                "tokenize", "--model", _tool.Model, "--jsonl", "--max-length", "2");
        Assert.Equal(1, answer.Code);
        Assert.Contains("standard input:2: ", TestTool.OneLine(answer.Error), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("give --vocab or --model, not both", "--vocab", "x")]
    [InlineData("give texts or --file, not both", "x", "--file", "y")]
    [InlineData("--jsonl reads --file or standard input", "x", "--jsonl")]
    [InlineData("--stride needs --jsonl", "--stride", "1", "--max-length", "9")]
    [InlineData("--stride needs --max-length", "--stride", "1", "--jsonl")]
    [InlineData("--stride 7 and --max-length 9 do not fit", "--stride", "7", "--max-length", "9", "--jsonl")]
    [InlineData("--max-length 1 has no room for the two special tokens", "--max-length", "1")]
    public void WrongUseIsTold(string expected, params string[] args) =>
        Assert.Contains(expected, TestTool.Fails(2, ["tokenize", "--model", _tool.Model, .. args]), StringComparison.Ordinal);

    [Fact]
    public void WhatIsNotThereIsToldWithTheNearestName()
    {
        Assert.Contains("vocab.txt", TestTool.Fails(1, "tokenize", "--vocab", Path.Combine(_tool.Model, "vocap.txt"), "x"),
            StringComparison.Ordinal);
        Assert.Contains("not UTF-8", TestTool.Fails(1, "tokenize", "--vocab", Path.Combine(_tool.Model, "model.safetensors"), "x"),
            StringComparison.Ordinal);
    }

    private static string Fixture(string name)
    {
        using var reader =
            new StreamReader(new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Fixtures", "tokenizer", name + ".gz")),
                CompressionMode.Decompress), new UTF8Encoding(false));
        return reader.ReadToEnd();
    }
}
