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

    private static string Output(string[] arguments)
    {
        var run = TestTool.Run(arguments);
        Assert.Equal((0, ""), (run.Code, run.Error));
        return run.Output;
    }
}
