using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Cli.Tests;

public sealed class CompressTests
{
    /// <summary>
    /// From training to the small model by the tool alone. The model is twice as wide as it need be, so that besides int8 at least two of
    /// layers, heads and channels are reduced; what is written is read by other commands and has the score that was told.
    /// </summary>
    [Fact]
    public void AModelOfDoubledWidthIsMadeSmaller()
    {
        using var folder = new TrainingFolder();
        ToolRun.Of("train", folder.Recipe("wide", Double)).Succeeds();
        var (wide, small, data) = (folder.File("wide"), folder.File("small"), folder.File("reviews.csv"));
        string[] columns = ["--data", data, "--text", "review", "--label", "verdict"];
        var json = JsonNode.Parse(ToolRun.Of(
            ["compress", wide, small, .. columns, "--max-loss", "1.5", "--threads", "2", "--json"]).Succeeds())!;
        var kept = json["steps"]!.AsArray().Where(step => (string)step!["outcome"]! == "kept")
            .Select(step => (string)step!["kind"]!).ToList();
        Assert.Contains("int8", kept);
        Assert.True(kept.Count(kind => kind is "layers" or "heads" or "channels") >= 2, string.Join(", ", kept));
        Assert.True((long)json["after"]!["bytes"]! * 5 < (long)json["before"]!["bytes"]!);
        Assert.True((double)json["before"]!["score"]! - (double)json["after"]!["score"]! <= 1.5);
        Assert.Equal((wide, small, "accuracy"), ((string)json["model"]!, (string)json["output"]!, (string)json["metric"]!));
        Assert.Equal(400, (int)json["before"]!["examples"]! + (int)json["after_elsewhere"]!["examples"]!);

        // Both parts together are the file.
        var all = JsonNode.Parse(ToolRun.Of(["evaluate", "--model", small, .. columns, "--json"]).Succeeds())!;
        var right = ((double)json["after"]!["score"]! * (int)json["after"]!["examples"]!)
            + ((double)json["after_elsewhere"]!["score"]! * (int)json["after_elsewhere"]!["examples"]!);
        Assert.Equal(right / 400, 100 * (double)all["accuracy"]!, 1e-6);
        Assert.Contains("compressed-tensors", ToolRun.Of("inspect", small).Succeeds(), StringComparison.Ordinal);
        Assert.True(ModelConfiguration.Load(small).LayerCount <= 2);
        Assert.StartsWith("good", ToolRun.Of("classify", "--model", small, "w0 w1 w2 w3 w4").Succeeds(), StringComparison.Ordinal);

        // Float weights of a pruned model go where all others go.
        var pruned = folder.File("pruned");
        ToolRun.Of("convert", small, pruned).Succeeds();
        Assert.StartsWith("good", ToolRun.Of("classify", "--model", pruned, "w0 w1 w2 w3 w4").Succeeds(), StringComparison.Ordinal);
        foreach (var file in (string[])[folder.File("beside/pruned.onnx"), folder.File("alone/pruned.onnx")])
        {
            ToolRun.Of("convert", pruned, file).Succeeds();
            if (file.Contains("alone", StringComparison.Ordinal)) File.Delete(folder.File("alone/config.json"));
            Assert.Equal(Score(pruned), Score(file));
        }

        static float Score(string model) => (float)JsonNode.Parse(
            ToolRun.Of("classify", "--model", model, "--json", "w0 w1 w7").Succeeds())!["score"]!;
    }

    [Fact]
    public void TheTableSaysWhatWasTriedAndWhatWasLeftAlone()
    {
        using var folder = new TrainingFolder();
        ToolRun.Of("train", folder.Recipe("model", recipe => recipe["stages"]![0]!["epochs"] = 3)).Succeeds();
        var lines = ToolRun.Of("compress", folder.File("model"), folder.File("small"), "--data", folder.File("reviews.csv"),
            "--text", "review", "--label", "verdict", "--max-loss", "2", "--heal", "0.5", "--seed", "3").Lines;
        Assert.Matches(@"^\d+ examples decide, each \d\.\d\d points, \d+ to heal on$", lines[0]);
        Assert.Matches(@"^ +MB +ms +accuracy", lines[2]);
        Assert.Matches(@"^given +\d+\.\d\d +\d+\.\d\d +\d+\.\d\d", lines[3]);
        Assert.Matches(@"^int8 +float to int8 +\d+\.\d\d +\d+\.\d\d +\d+\.\d\d +(kept|loses too much)$", lines[4]);
        Assert.Contains(lines, line => line.StartsWith("smaller ", StringComparison.Ordinal));
        Assert.Contains("left alone: layers, since the model has one only", lines);
        Assert.Contains(lines, line => line.StartsWith("left alone: heads, since config.json of a model", StringComparison.Ordinal));
        Assert.Matches(@": 1 layers, 2 heads, \d+ channels, \d+\.\d % of the bytes$", lines[^1]);
    }

    [Fact]
    public void WhatIsWrongIsToldInALine()
    {
        using var tool = new TestTool();
        var data = tool.Write("dev.tsv", "text\tlabel\ngood\tpositive\nbad\tnegative\n");
        var output = Path.Combine(tool.Folder, "out");
        Assert.Contains("--learning-rate goes with --heal", TestTool.Fails(2, "compress", tool.Model, output, "--data", data,
            "--learning-rate", "1e-4"), StringComparison.Ordinal);
        Assert.Contains("--max-loss takes a number from 0 to 100", TestTool.Fails(2, "compress", tool.Model, output, "--data", data,
            "--max-loss", "-1"), StringComparison.Ordinal);
        Assert.Contains("unknown label 'nobody'", TestTool.Fails(1, "compress", tool.Model, output, "--data",
            tool.Write("other.tsv", "text\tlabel\n" + string.Concat(Enumerable.Range(0, 50).Select(i => $"film {i}\tnobody\n")))),
            StringComparison.Ordinal);
        Assert.Contains("the metric 'speed' is not one of this model's", TestTool.Fails(1, "compress", tool.Model, output, "--data", data,
            "--metric", "speed"), StringComparison.Ordinal);
        Assert.Contains("too few to decide", TestTool.Fails(1, "compress", tool.Model, output, "--data",
            tool.Write("one.tsv", "text\tlabel\ngood\tpositive\n")), StringComparison.Ordinal);
        using var tagger = new TestTool("squeezebert-token-classification");
        Assert.Contains("a compression measures models that give texts",
            TestTool.Fails(1, "compress", tagger.Model, output, "--data", data), StringComparison.Ordinal);
        Assert.False(Path.Exists(output));
        Assert.Equal(["dev.tsv", "one.tsv", "other.tsv"], Directory.EnumerateFileSystemEntries(tool.Folder).Select(Path.GetFileName)
            .Order(StringComparer.Ordinal));
    }

    private static void Double(JsonObject recipe)
    {
        var model = recipe["model"]!;
        (model["model_type"], model["hidden_size"], model["num_attention_heads"]) = ("bert", 64, 8);
        (model["num_hidden_layers"], model["intermediate_size"]) = (2, 256);
        model.AsObject().Remove("embedding_size");
        (recipe["stages"]![0]!["epochs"], recipe["stages"]![0]!["learning_rate"]) = (8, 2e-3);
    }
}
