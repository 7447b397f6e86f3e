using System.Text.Json;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.ModelFolders.Onnx.Writing;
using SqueezeBert.Tests.Pipelines.SeveralHeads;
using static SqueezeBert.Tests.Pipelines.SeveralHeads.SeveralHeadsFolder;

namespace SqueezeBert.Cli.Tests;

/// <summary>The commands on a checkpoint with several heads.</summary>
public sealed class SeveralHeadsTests
{
    private static readonly HeadConfiguration Mood = Intent with { Name = "mood", Labels = ["good", "bad"] };

    [Fact]
    public void CommandsAskTheHeadThatIsNamed()
    {
        using var folder = new SeveralHeadsFolder(Intent, Slots, Spans, Words, Mood);
        foreach (var head in new[] { Intent, Mood })
        {
            Assert.Equal(TestTool.Run("classify", "--model", folder.Alone(head), "--json", "play it").Output,
                TestTool.Run("classify", "--model", folder.Path, "--head", head.Name, "--json", "play it").Output);
            Assert.Equal(TestTool.Run("pair", "--model", folder.Alone(head), "a", "b").Output,
                TestTool.Run("pair", "--model", folder.Path, "--head", head.Name, "a", "b").Output);
        }

        var tags = TestTool.Run("tag", "--model", folder.Alone(Slots), "--json", "play it again").Output;
        Assert.Equal(tags, TestTool.Run("tag", "--model", folder.Path, "--json", "play it again").Output);
        Assert.Equal(tags, TestTool.Run("tag", "--model", folder.Path, "--head", "slots", "--json", "play it again").Output);
        string[] question = ["--context", "it was i", "--json", "who?"];
        Assert.Equal(TestTool.Run(["answer", "--model", folder.Alone(Spans), .. question]).Output,
            TestTool.Run(["answer", "--model", folder.Path, "--head", "spans", .. question]).Output);
        Assert.Equal(TestTool.Run("fill", "--model", folder.Alone(Words), "a [MASK]").Output,
            TestTool.Run("fill", "--model", folder.Path, "--head", "words", "a [MASK]").Output);
        Assert.Equal(TestTool.Run("rerank", "--model", folder.Alone(Mood), "--relevant", "good", "a", "b", "c").Output,
            TestTool.Run("rerank", "--model", folder.Path, "--head", "mood", "--relevant", "good", "a", "b", "c").Output);
        Assert.Contains("intent, mood", TestTool.Fails(1, "classify", "--model", folder.Path, "play it"), StringComparison.Ordinal);
        Assert.Contains("no head called 'x'", TestTool.Fails(1, "classify", "--model", folder.Path, "--head", "x", "play it"),
            StringComparison.Ordinal);
        Assert.Contains("--head", TestTool.Fails(2, "embed", "--model", folder.Path, "--head", "intent", "a"), StringComparison.Ordinal);
    }

    [Fact]
    public void AHeadIsEvaluated()
    {
        using var folder = new SeveralHeadsFolder(Intent, Mood);
        var data = folder.File("data.tsv");
        File.WriteAllText(data, "text\tlabel\na\tgood\nb\tbad\n");
        var run = TestTool.Run("evaluate", "--model", folder.Path, "--head", "mood", "--data", data, "--json");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal(2, JsonDocument.Parse(run.Output).RootElement.GetProperty("examples").GetInt32());
        var calibrated = TestTool.Run(
            "evaluate", "--model", folder.Path, "--head", "mood", "--data", data, "--calibrate", "--save-temperature", "--json");
        Assert.Equal((0, ""), (calibrated.Code, calibrated.Error));
        var heads = ModelConfiguration.Load(folder.Path).NamedHeads;
        Assert.Null(heads[0].CalibrationTemperature);
        Assert.NotNull(heads[1].CalibrationTemperature);
        Assert.Contains("--head", TestTool.Fails(2, "evaluate", "--model", folder.Path, "--head", "mood", "--task", "similarity", "--pair",
            "text", "--data", data), StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsMeasuredFollowsFromTheHead()
    {
        using var folder = new SeveralHeadsFolder(Intent, Slots, Slots with { Name = "more" });
        var data = folder.File("data.conll");
        File.WriteAllText(data, "a O\nb B-song\n\n");
        var run = TestTool.Run("evaluate", "--model", folder.Path, "--head", "slots", "--data", data, "--json");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("f1", run.Output, StringComparison.Ordinal);
        Assert.Contains("slots, more", TestTool.Fails(1, "evaluate", "--model", folder.Path, "--task", "tagging", "--data", data),
            StringComparison.Ordinal);
    }

    [Fact]
    public void InspectShowsEachHead()
    {
        using var folder = new SeveralHeadsFolder(Intent, Slots, Words);
        var text = ToolRun.Of("inspect", folder.Path).Succeeds();
        Assert.Matches(@"(?m)^heads\.intent +51 ", text);
        Assert.Matches(@"(?m)^heads\.slots +68 ", text);
        Assert.Matches(@"(?m)^heads\.words +", text);
        Assert.Matches(@"(?m)^pooler +", text);
        Assert.Matches(@"(?m)^  squeezebert_heads +\{""intent"":", text);
        Assert.DoesNotContain("missing: ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("unused: ", text, StringComparison.Ordinal);
        Assert.Contains("missing: heads.slots.classifier.bias",
            ToolRun.Of("inspect", folder.Without("heads.slots.classifier.bias")).Succeeds(), StringComparison.Ordinal);
    }

    [Fact]
    public void ConvertKeepsEveryHead()
    {
        using var folder = new SeveralHeadsFolder(Intent, Slots, Words);
        ToolRun.Of("convert", folder.Path, folder.File("converted")).Succeeds();
        using var before = InferenceModel.Load(folder.Path);
        using var after = InferenceModel.Load(folder.File("converted"));
        Assert.Equal(before.Heads, after.Heads);
        Assert.Equal(before.Fingerprint, after.Fingerprint);
    }

    [Fact]
    public void AnOnnxFileHasNoNamedHeads()
    {
        using var folder = new SeveralHeadsFolder(Intent, Slots);
        Assert.Contains("intent (text-classification), slots",
            TestTool.Fails(1, "convert", folder.Path, folder.File("one.onnx")), StringComparison.Ordinal);
        using var files = ModelFolder.Open(folder.Path);
        var onnx = Directory.CreateDirectory(folder.File("onnx-model")).FullName;
        OnnxExport.Save(Path.Combine(onnx, "model.onnx"), ModelGraph.Create(files.Configuration, ModelHead.None), files.Weights);
        File.Copy(Path.Combine(folder.Path, "config.json"), Path.Combine(onnx, "config.json"));
        var error = Assert.Throws<InvalidModelFileException>(() => ModelFolder.Open(onnx));
        Assert.Contains("squeezebert_heads", error.Message, StringComparison.Ordinal);
        Assert.Contains("intent (text-classification), slots", error.Message, StringComparison.Ordinal);
    }
}
