using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Cli.Tests;

public sealed class InspectTests
{
    private static readonly string Model = Path.Combine(
        AppContext.BaseDirectory, "Fixtures", "models", "squeezebert-sequence-classification");

    [Fact]
    public void AModelsConfigurationPartsAndOperationsAreShown()
    {
        var text = ToolRun.Of("inspect", Model).Succeeds();
        Assert.Matches(@"(?m)^  model_type +squeezebert$", text);
        Assert.Matches(@"(?m)^  q_groups +4$", text);
        Assert.Matches(@"(?m)^classifier +[\d,]+ +\d\.\d %$", text);
        Assert.Matches(@"(?m)^one text of 40 tokens$", text);
        Assert.Matches(@"(?m)^transformer\.encoder\.layers\.\*\.attention\.query +3 ", text);
        Assert.Contains("model.safetensors: ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("missing: ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("transformer.encoder.layers.0.attention.query.weight", text, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^transformer\.encoder\.layers\.0\.attention\.query\.weight +F32 +\[48, 12, 1\] +2,304$",
            ToolRun.Of("inspect", Model, "--tensors").Succeeds());
    }

    [Fact]
    public void JsonHasTheSameFigures()
    {
        var json = Json("inspect", Model, "--json", "--length", "10", "--tensors");
        using var file = SafetensorsFile.Open(Path.Combine(Model, "model.safetensors"));
        Assert.Equal(file.Names.Count, json["weights"]!["tensors"]!.AsArray().Count);

        // Every tensor of this file is a parameter.
        Assert.Equal((long)json["weights"]!["elements"]!, (long)json["parameters"]!);
        Assert.Equal((long)json["parameters"]!, json["parts"]!.AsArray().Sum(part => (long)part!["parameters"]!));
        Assert.Equal((long)json["parameters"]!, json["operations"]!.AsArray().Sum(operation => (long)operation!["parameters"]!));
        Assert.Equal((long)json["flops"]!, json["operations"]!.AsArray().Sum(operation => (long)operation!["flops"]!));

        // 48 wide in 4 groups, 10 tokens, 3 layers, two operations a multiply-add.
        var query = json["operations"]!.AsArray()
            .Single(operation => (string)operation!["operation"]! == "transformer.encoder.layers.*.attention.query")!;
        Assert.Equal(2L * 10 * 48 * 12 * 3, (long)query["flops"]!);
        Assert.Equal((48L * 12 * 3) + (48 * 3), (long)query["parameters"]!);
        Assert.Empty(json["weights"]!["missing"]!.AsArray());
    }

    [Fact]
    public void AFileOfTensorsAndAConfigurationAloneWillDo()
    {
        var tensors = ToolRun.Of("inspect", Path.Combine(Model, "expected.safetensors")).Succeeds();
        Assert.Matches(@"(?m)^input\.input_ids +I64 +\[4, 17\] +544$", tensors);
        Assert.DoesNotContain("configuration", tensors, StringComparison.Ordinal);
        var configuration = Json("inspect", Path.Combine(Model, "config.json"), "--json");
        Assert.Null(configuration["weights"]);
        Assert.Equal((long)Json("inspect", Model, "--json")["flops"]!, (long)configuration["flops"]!);
    }

    [Fact]
    public void WeightsThatDoNotFitTheConfigurationAreTold()
    {
        var folder = Directory.CreateTempSubdirectory("squeezebert-inspect-").FullName;
        try
        {
            File.Copy(Path.Combine(Model, "config.json"), Path.Combine(folder, "config.json"));
            var writer = new SafetensorsWriter();
            writer.Add("classifier.bias", [3], new float[3]);
            writer.Add("something.else", [2], new float[2]);
            writer.Save(Path.Combine(folder, "model.safetensors"));
            var text = ToolRun.Of("inspect", folder).Succeeds();
            Assert.Contains("missing: classifier.weight\n", text, StringComparison.Ordinal);
            Assert.Contains("unused: something.else\n", text, StringComparison.Ordinal);
            Assert.DoesNotContain("missing: classifier.bias\n", text, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void AnEncoderWithoutAPoolerLacksNothing()
    {
        using var tool = new TestTool("squeezebert-encoder");
        var before = Json("inspect", tool.Model, "--json");
        using (var folder = ModelFolder.Open(tool.Model))
        {
            var tensors = folder.Tensors.Names.Where(name => !name.StartsWith("pooler.", StringComparison.Ordinal)).Select(name =>
            {
                Assert.True(folder.Tensors.TryGetTensor(name, out var info));
                var values = new float[info.ElementCount];
                folder.Tensors.ReadFloats(name, values);
                return new NamedTensor(name, info.Shape, values);
            }).ToList();
            ModelFolder.Save(tool.Folder, folder.Configuration, tensors);
        }

        var after = Json("inspect", tool.Folder, "--json");
        Assert.Empty(after["weights"]!["missing"]!.AsArray());
        Assert.Contains(before["parts"]!.AsArray(), part => (string?)part!["name"] == "pooler");
        Assert.DoesNotContain(after["parts"]!.AsArray(), part => (string?)part!["name"] == "pooler");
        Assert.Equal((long)after["weights"]!["elements"]!, (long)after["parameters"]!);
    }

    [Fact]
    public void ErrorsAreTold()
    {
        ToolRun.Of("inspect").AssertFails(2, "MODEL");
        ToolRun.Of("inspect", Model, "--length", "0").AssertFails(2, "--length");
        ToolRun.Of("inspect", Model, "--length", "41").AssertFails(2, "--length 41 is longer than the model reads, 40 tokens");
        ToolRun.Of("inspect", Path.Combine(Model, "expected.safetensors"), "--length", "5").AssertFails(2, "--length needs");
        ToolRun.Of("inspect", Path.Combine(Model, "config.json"), "--tensors").AssertFails(2, "--tensors needs");
        ToolRun.Of("inspect", Model + "s").AssertFails(1, "did you mean", "squeezebert-sequence-classification");
    }

    private static JsonObject Json(params string[] args)
    {
        var output = ToolRun.Of(args).Succeeds();
        Assert.Equal(output.Length - 1, output.IndexOf('\n', StringComparison.Ordinal));
        return JsonNode.Parse(output)!.AsObject();
    }
}
