using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace SqueezeBert.Cli.Tests;

/// <summary>Texts that are none, or hardly: the same in every command that reads them.</summary>
public sealed class TextInputTests
{
    private const string Labels = "--entailment LABEL_1 --label good --label bad";

    /// <summary>
    /// A command, its model, and what it needs beside a file of lines and beside a table with the columns t, pair and label.
    /// </summary>
    public static TheoryData<string, string, string, string> Commands => new()
    {
        { "classify", "squeezebert-sequence-classification", "", "" },
        { "zero-shot", "squeezebert-sequence-classification", Labels, Labels },
        { "pair", "squeezebert-sequence-classification", "", "--pair pair" },
        { "answer", "squeezebert-question-answering", "good?", "--context good" },
        { "fill", "squeezebert-masked-lm", "", "" },
        { "tag", "squeezebert-token-classification", "", "" },
        { "embed", "squeezebert-encoder", "", "" },
        { "similar", "squeezebert-encoder", "good", "good" },
        { "choose", "squeezebert-multiple-choice", "good", "--choice pair --choice label" },
        { "features", "squeezebert-encoder", "", "" },
    };

    /// <summary>Bytes, the line that is told, and what is said of it.</summary>
    public static TheoryData<byte[], int, string> NoTexts => new()
    {
        { [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("Loved it.\n")], 1, "the text is UTF-16" },
        { [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes("Loved it.\n")], 1, "the text is UTF-16" },
        { Encoding.Unicode.GetBytes("Loved it.\n"), 1, "there is a NUL byte" },
        { [.. "good\tgood\nbad\tbad\n"u8, 0x7F, (byte)'E', 0, 1, (byte)'\n'], 3, "there is a NUL byte" },
    };

    [Theory]
    [MemberData(nameof(Commands))]
    public void WhatIsNoTextIsRefusedWithItsLine(string command, string model, string arguments, string others)
    {
        _ = others;
        using var tool = new TestTool(model);
        foreach (var (bytes, line, reason) in NoTexts.Select(row => row.Data))
        {
            string[] args = [command, "--model", tool.Model, "--file", tool.Write("texts.txt", bytes), .. Split(arguments)];
            AssertRefused(TestTool.Run(args), $"texts.txt:{line}: {reason}");
            args[4] = "-";
            AssertRefused(TestTool.RunOn(new TrickleStream(bytes), args), $"standard input:{line}: {reason}");
        }
    }

    [Theory]
    [MemberData(nameof(NoTexts))]
    public void OtherCommandsRefuseItToo(byte[] bytes, int line, string reason)
    {
        using var tool = new TestTool();
        var file = tool.Write("texts.tsv", bytes);
        var packed = Path.Combine(tool.Folder, "packed.gz");
        using (var gzip = new GZipStream(File.Create(packed), CompressionLevel.Fastest)) gzip.Write(bytes);
        AssertRefused(TestTool.Run("tokenize", "--model", tool.Model, "--file", file), $"texts.tsv:{line}: {reason}");
        AssertRefused(TestTool.Run("tokenize", "--model", tool.Model, "--file", packed), $"packed.gz:{line}: {reason}");
        AssertRefused(TestTool.Run("tokenize", "--model", tool.Model, "--jsonl", "--file", file), "texts.tsv:1: ");
        AssertRefused(TestTool.Run("vocab", "--size", "50", "--output", Path.Combine(tool.Folder, "vocab.txt"), file),
            $"texts.tsv:{line}: {reason}");
        AssertRefused(TestTool.Run("classify", "--model", tool.Model, "--file", file, "--text", "0", "--no-header"),
            $"texts.tsv:{line}: {reason}");
        AssertRefused(TestTool.Run("evaluate", "--model", tool.Model, "--data", file, "--text", "0", "--label", "1", "--no-header"),
            $"texts.tsv:{line}: {reason}");
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void NullAnEmptyTextAndWhiteSpaceHaveTheSameAnswer(string command, string model, string others, string arguments)
    {
        _ = others;
        using var tool = new TestTool(model);
        var file = tool.Write("texts.jsonl", "{\"t\":null,\"pair\":null,\"label\":\"\"}\n{\"t\":\"\",\"pair\":\"\",\"label\":\"\"}\n" +
            "{\"t\":\" \\t \",\"pair\":\"\\n\",\"label\":null}\n");
        var answer = TestTool.Run([command, "--model", tool.Model, "--file", file, "--text", "t", .. Split(arguments)]);
        Assert.Equal((0, 3), (answer.Code, answer.Lines.Length));
        Assert.Empty(answer.Error);
        var rows = answer.Lines.Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        foreach (var row in rows)
        {
            foreach (var name in (string[])["t", "pair", "label", "filled", "choice", "choices"]) row.Remove(name);
        }

        Assert.All(rows, row => Assert.Equal(rows[0].ToJsonString(), row.ToJsonString()));
        AssertRefused(TestTool.RunOn("null\n", [command, "--model", tool.Model, "--file", "-", "--format", "jsonl", "--text", "t",
            .. Split(arguments)]), "standard input:1: a JSON object is needed, not null");
        AssertRefused(TestTool.RunOn("{\"x\":\"\"}\n", [command, "--model", tool.Model, "--file", "-", "--format", "jsonl", "--text",
            "t", .. Split(arguments)]), "standard input:1: no column 't'");
    }

    [Fact]
    public void TokenizingNullIsTokenizingAnEmptyText()
    {
        using var tool = new TestTool();
        var lines = TestTool.RunOn("{\"text\":null}\n{\"text\":\"\"}\n{\"text\":\" \",\"pair\":null}\n", "tokenize", "--model", tool.Model,
            "--jsonl").Lines;
        Assert.Equal(3, lines.Length);
        Assert.All(lines, line =>
            Assert.Equal(["[CLS]", "[SEP]"], JsonNode.Parse(line)!["tokens"]!.AsArray().Select(token => (string)token!)));
    }

    private static string[] Split(string arguments) => arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static void AssertRefused(ToolRun run, string expected)
    {
        Assert.Equal(1, run.Code);
        Assert.Contains(expected, TestTool.OneLine(run.Error), StringComparison.Ordinal);
    }

    /// <summary>A pipe that gives a byte at a time.</summary>
    private sealed class TrickleStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 1));
    }
}
