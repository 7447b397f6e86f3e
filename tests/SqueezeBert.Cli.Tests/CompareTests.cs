using System.Globalization;
using System.Text.Json.Nodes;

namespace SqueezeBert.Cli.Tests;

public sealed class CompareTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("squeezebert-compare-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void EveryArchitectureCanBeComparedAsJson()
    {
        string[] models =
        [
            New("squeezebert-base", "hidden_size=16", "num_attention_heads=2", "intermediate_size=32"), New("bert-tiny"), New("tinybert-4"),
            New("distilbert", "dim=24", "hidden_dim=30"),
            New("mobilebert", "num_hidden_layers=2"), New("squeezebert-separable", "num_hidden_layers=2"),
        ];
        var output = ToolRun.Of(["compare", .. models, "--json", "--seconds", "0", "--threads", "1"]).Succeeds();
        var lines = output.TrimEnd('\n').Split('\n').Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(models, lines.Select(line => (string)line["model"]!));
        Assert.Equal(
            ["SqueezeBertModel", "BertModel", "BertModel", "DistilBertModel", "MobileBertModel", "SqueezeBertSeparableModel"],
            lines.Select(line => (string)line["architecture"]!));
        foreach (var line in lines)
        {
            Assert.Equal((long)line["parameters"]! * 4, (long)line["file_bytes"]!);
            Assert.True((long)line["memory_bytes"]! > (long)line["file_bytes"]!);
            Assert.True((double)line["load_milliseconds"]! > 0);
            Assert.Equal([16, 128, 384], line["times"]!.AsArray().Select(time => (int)time!["tokens"]!));
            Assert.All(line["times"]!.AsArray(), time => Assert.True((double)time!["milliseconds"]! > 0));
        }

        // TinyBERT-4, counted by hand: 4 layers of 4 x 312² + 2 x 312 x 1200 + 2 x 128 x 312 multiply-adds a token, and the pooler.
        var tokens = 4L * ((4 * 312 * 312) + (2 * 312 * 1200) + (2 * 128 * 312));
        Assert.Equal((2 * 128 * tokens) + (2 * 312 * 312), (long)lines[2]["flops"]!["count"]!);
    }

    [Fact]
    public void TheTablesHaveARowAModelAndADashWhereATextIsTooLong()
    {
        var (first, second) = (New("bert-tiny", "max_position_embeddings=100"), New("bert-tiny", "num_hidden_layers=1"));
        var markdown = ToolRun.Of("compare", first, second, "--markdown", "--seconds", "0").Succeeds();
        var rows = markdown.TrimEnd('\n').Split('\n').Select(line => line.Split(" | ")).ToList();
        Assert.Equal(4, rows.Count);
        Assert.All(rows, row => Assert.Equal(10, row.Length));
        Assert.Equal(["| model", "architecture", "parameters", "file MB", "GFLOPs at 128", "load ms", "ms at 16", "ms at 128", "ms at 384",
            "memory MB |"], rows[0]);
        Assert.Equal(($"| {first}", "BertModel", "4,333,184", "17.3", "-", "-"),
            (rows[2][0], rows[2][1], rows[2][2], rows[2][3], rows[2][7], rows[2][8]));
        Assert.True(double.Parse(rows[3][8], CultureInfo.InvariantCulture) > 0);

        var table = ToolRun.Of("compare", first, second, "--seconds", "0").Succeeds();
        var lines = table.TrimEnd('\n').Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.Contains(
            lines, line => line.Contains(first, StringComparison.Ordinal) && line.Contains("4,333,184", StringComparison.Ordinal));
        Assert.Contains(lines,
            line => line.Contains("GFLOPs at 128", StringComparison.Ordinal) && line.Contains("memory MB", StringComparison.Ordinal));
        Assert.DoesNotContain('\u001b', table);
    }

    [Fact]
    public void WhatCannotBeComparedIsNamed()
    {
        ToolRun.Of("compare", New("bert-tiny"), Path.Combine(_root, "nothing"), "--seconds", "0")
            .AssertFails(1, "nothing: no such file or folder");
        ToolRun.Of("compare").AssertFails(2, "MODEL");
        ToolRun.Of("compare", _root, "--json", "--markdown").AssertFails(2, "exclude each other");
    }

    private string New(string size, params string[] fields)
    {
        var folder = Path.Combine(_root, $"{Directory.GetDirectories(_root).Length}-{size}");
        if (size != "bert-tiny" && size != "tinybert-4") fields = [.. fields, "vocab_size=500"];
        ToolRun.Of(["new", size, folder, .. fields]).Succeeds();
        return folder;
    }
}
