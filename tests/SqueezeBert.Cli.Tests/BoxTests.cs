using System.IO.Compression;
using SqueezeBert.Models;

namespace SqueezeBert.Cli.Tests;

/// <summary>What the commands about vectors do without a model: they ask the encoder in the box.</summary>
public sealed class BoxTests
{
    private const string Query = "Where is my key?";
    private static readonly string[] Texts = ["The film is fun.", "I lost my key.", "A key is on the table."];

    [Fact]
    public void EmbedAndSimilarAskTheEncoderInTheBox()
    {
        foreach (var command in (string[][])[["embed", .. Texts], ["similar", Query, .. Texts]])
            Assert.Equal(Output([command[0], "--model", EmbeddingModels.English, .. command[1..]]), Output(command));
    }

    [Fact]
    public void RerankRanksByVectors()
    {
        Assert.Equal(Output(["similar", Query, .. Texts]), Output(["rerank", Query, .. Texts]));
        using var folder = new TestTool();
        var file = folder.Write("pairs.tsv", $"q\tt\n{Query}\t{Texts[0]}\n{Texts[1]}\t{Texts[2]}\n{Query}\t{Texts[1]}\n");
        string[] columns = ["--file", file, "--text", "t", "--pair", "q"];
        Assert.Equal(Output(["similar", .. columns]), Output(["rerank", .. columns]));
    }

    [Theory]
    [InlineData("--head", "sentiment")]
    [InlineData("--relevant", "yes")]
    public void WhatIsOfACrossEncoderNeedsOne(string option, string value) => Assert.Contains(
        "name one with --model", TestTool.Fails(2, "rerank", option, value, Query, Texts[0]), StringComparison.Ordinal);

    [Fact]
    public void TheSentimentModelDecidesBetweenTheLabelsOfGlue()
    {
        using var folder = new TestTool();
        Directory.CreateDirectory(Path.Combine(folder.Folder, "SST-2"));
        folder.Write("SST-2/dev.tsv", "sentence\tlabel\na wonderful film\t1\na terrible film\t0\nWhere is the station?\t0\n");
        folder.Write("SST-2/test.tsv", "index\tsentence\n0\ta wonderful film\n1\ta terrible film\n2\tWhere is the station?\n");
        var zip = Path.Combine(folder.Folder, "glue.zip");
        var run = TestTool.Run("evaluate", "--glue", "SST-2", folder.Folder, "--submission", zip, "--json");
        Assert.Equal(0, run.Code);
        Assert.Contains("SST-2 does not have the label neutral", run.Error, StringComparison.Ordinal);
        Assert.Contains("\"examples\":3", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("neutral", run.Output, StringComparison.Ordinal);
        using var entries = ZipFile.OpenRead(zip);
        using var reader = new StreamReader(entries.GetEntry("SST-2.tsv")!.Open());
        var rows = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["index\tprediction", "0\t1", "1\t0"], rows[..3]);
        Assert.Contains(rows[3], (string[])["2\t0", "2\t1"]);
        var calibrated = TestTool.Run("evaluate", "--glue", "SST-2", folder.Folder, "--calibrate", "--json");
        Assert.Equal(0, calibrated.Code);
        Assert.Contains("temperature", calibrated.Output, StringComparison.Ordinal);
        var refused = TestTool.Run("evaluate", "--glue", "SST-2", folder.Folder, "--refusal", "neutral", "--json");
        Assert.Contains("\"coverage\":0.66", refused.Output, StringComparison.Ordinal);
    }

    private static string Output(string[] arguments)
    {
        var run = TestTool.Run(arguments);
        Assert.Equal((0, ""), (run.Code, run.Error));
        return run.Output;
    }
}
