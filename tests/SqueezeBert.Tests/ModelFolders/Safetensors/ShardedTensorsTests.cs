using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Fuzz;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.ModelFolders;
using SqueezeBert.ModelFolders.Safetensors;
using SqueezeBert.Tests.ModelFolders.PyTorch;

namespace SqueezeBert.Tests.ModelFolders.Safetensors;

/// <summary>Weights in several files, and where their names and links may lead.</summary>
public sealed class ShardedTensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AModelInPiecesIsTheModel()
    {
        var name = "squeezebert-sequence-classification";
        using var whole = ModelFolder.Open(GoldenModels.Folder(name));
        whole.Configuration.Save(_folder.Path);
        var writers = new[] { new SafetensorsWriter(), new SafetensorsWriter(), new SafetensorsWriter() };
        var map = new JsonObject();
        foreach (var (tensor, i) in whole.Tensors.Names.Select((tensor, i) => (tensor, i)))
        {
            Assert.True(whole.Tensors.TryGetTensor(tensor, out var info));
            writers[i % 3].Add(tensor, info.Shape, PyTorchFileTests.Floats(whole.Tensors, tensor));
            map[tensor] = Shard(i % 3);
        }

        for (var i = 0; i < 3; i++) writers[i].Save(_folder.File(Shard(i)));
        WriteIndex("model.safetensors.index.json", map);

        using var pieces = ModelFolder.Open(_folder.Path);

        Assert.Equal(whole.Tensors.Names.Order(StringComparer.Ordinal), pieces.Tensors.Names.Order(StringComparer.Ordinal));
        foreach (var tensor in whole.Tensors.Names)
            Assert.Equal(PyTorchFileTests.Floats(whole.Tensors, tensor), PyTorchFileTests.Floats(pieces.Tensors, tensor));
        var graph = ModelGraph.Create(pieces.Configuration, ModelHead.SequenceClassification);
        Assert.True(pieces.Weights.Require(graph.Parameters) is { IsComplete: true, Unused.Count: 0 });
        Assert.Throws<ArgumentException>(() => pieces.Tensors.ReadFloats("x", []));

        static string Shard(int i) => $"model-0000{i + 1}-of-00003.safetensors";
    }

    [Fact]
    public void PyTorchFilesInPiecesAreReadToo()
    {
        foreach (var key in new[] { "a", "b" })
        {
            var storage = PyTorchBytes.Floats("0", key[0]);
            _folder.Write($"pytorch_model-{key}.bin",
                PyTorchBytes.Zip(new PyTorchBytes().Op('}').Text(key).Tensor(storage, 0, [1], [1]).Op('s').End(), storage));
        }

        WriteIndex("pytorch_model.bin.index.json", new JsonObject { ["a"] = "pytorch_model-a.bin", ["b"] = "pytorch_model-b.bin" });

        using var tensors = WeightFiles.OpenIn(_folder.Path);

        Assert.Equal(['b'], PyTorchFileTests.Floats(tensors, "b"));
    }

    [Theory]
    [InlineData("../model.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("..\\\\model.safetensors")]
    [InlineData("c:model.safetensors")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("sub/model.safetensors")]
    [InlineData(".hidden.safetensors")]
    [InlineData("a\\u0000b.safetensors")]
    [InlineData("model.safetensors ")]
    public void ANameThatLeavesTheFolderIsRefused(string file)
    {
        var path = _folder.Write("model.safetensors.index.json",
            System.Text.Encoding.UTF8.GetBytes($$$"""{"weight_map":{"a":"{{{file}}}"}}"""));

        var error = Assert.Throws<InvalidModelFileException>(() => WeightFiles.OpenFile(path));

        Assert.Contains("is not the plain name of a file in the model's folder", error.Message, StringComparison.Ordinal);
        Assert.Equal(("a", path), (error.Item, error.File));
    }

    [Theory]
    [InlineData("{}", "weight_map: is missing or no object")]
    [InlineData("""{"weight_map":[]}""", "weight_map: is missing or no object")]
    [InlineData("""{"weight_map":{}}""", "weight_map: has 0 tensors")]
    [InlineData("""{"weight_map":{"a":1}}""", "a: its file is not a string")]
    [InlineData("""{"weight_map":{"a":null}}""", "a: its file is not a string")]
    [InlineData("""{"weight_map":{"a":"one.safetensors","a":"one.safetensors"}}""", "is not valid JSON")]
    [InlineData("""{"weight_map":{"a":"missing.safetensors"}}""", "missing.safetensors: no such file or folder")]
    [InlineData("""{"weight_map":{"b":"one.safetensors"}}""", "b: is in none of the files; the index says one.safetensors")]
    [InlineData("""{"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}""", "a: is in two of the files")]
    [InlineData("""{"weight_map":{"a":"model.safetensors.index.json"}}""", "is not a safetensors file")]
    public void AWrongIndexIsRefused(string json, string message)
    {
        foreach (var (file, tensors) in new[] { ("one.safetensors", "a"), ("two.safetensors", "ab") })
        {
            var writer = new SafetensorsWriter();
            foreach (var tensor in tensors) writer.Add(tensor.ToString(), [1], new float[1]);
            writer.Save(_folder.File(file));
        }

        var path = _folder.Write("model.safetensors.index.json", System.Text.Encoding.UTF8.GetBytes(json));

        Assert.Contains(message, Assert.Throws<InvalidModelFileException>(() => WeightFiles.OpenFile(path)).Message,
            StringComparison.Ordinal);

        // All files are closed again.
        foreach (var file in Directory.EnumerateFiles(_folder.Path)) File.Delete(file);
    }

    [Fact]
    public void DeepAndRepetitiveJsonIsRefused()
    {
        foreach (var json in new[] { string.Concat(Enumerable.Repeat("{\"a\":", 1_000_000)),
            "{\"a\":[" + string.Concat(Enumerable.Repeat("[],", 2_000_000)) + "[]]}", new string('[', 5_000_000) })
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(json);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<InvalidModelFileException>(() => ShardedTensors.ParseIndex(bytes, "index"));
            Assert.Throws<InvalidModelFileException>(() => ModelConfiguration.Parse(bytes, "config.json"));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        }
    }

    [Fact]
    public void ALinkOutOfTheModelsFolderIsRefused()
    {
        var outside = Directory.CreateDirectory(_folder.File("outside")).FullName;
        var model = Directory.CreateDirectory(_folder.File("model")).FullName;
        File.Copy(GoldenModels.Weights("squeezebert-encoder"), Path.Combine(outside, "model.safetensors"));
        File.Copy(Path.Combine(GoldenModels.Folder("squeezebert-encoder"), "config.json"), Path.Combine(model, "config.json"));
        Link(Path.Combine(model, "model.safetensors"), Path.Combine("..", "outside", "model.safetensors"));
        Refused("model.safetensors");

        // By way of a folder inside it that is a link.
        File.Delete(Path.Combine(model, "model.safetensors"));
        Directory.CreateSymbolicLink(Path.Combine(model, "sub"), outside);
        Link(Path.Combine(model, "model.safetensors"), Path.Combine("sub", "model.safetensors"));
        Refused("model.safetensors");

        // A link to itself.
        File.Delete(Path.Combine(model, "model.safetensors"));
        File.Copy(Path.Combine(outside, "model.safetensors"), Path.Combine(model, "model.safetensors"));
        File.Move(Path.Combine(model, "config.json"), Path.Combine(outside, "config.json"));
        Link(Path.Combine(model, "config.json"), Path.Combine(outside, "config.json"));
        Refused("config.json");

        // Links that stay inside are fine, and so is a link to the folder as a whole.
        File.Delete(Path.Combine(model, "config.json"));
        File.Move(Path.Combine(outside, "config.json"), Path.Combine(model, "real.json"));
        Link(Path.Combine(model, "config.json"), "real.json");
        ModelFolder.Open(model).Dispose();
        Directory.CreateSymbolicLink(_folder.File("link"), model);
        ModelFolder.Open(_folder.File("link")).Dispose();

        void Refused(string file)
        {
            var error = Assert.Throws<InvalidModelFileException>(() => ModelFolder.Open(model));
            Assert.Equal(Path.Combine(model, file), error.File);
            Assert.Contains("is a link out of the model's folder", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TheHubCachesLinksLeadToTheBlobsOfTheSameModel()
    {
        var model = _folder.File("models--a--b");
        var snapshot = Directory.CreateDirectory(Path.Combine(model, "snapshots", "0123")).FullName;
        var blobs = Directory.CreateDirectory(Path.Combine(model, "blobs")).FullName;
        File.Copy(GoldenModels.Weights("squeezebert-encoder"), Path.Combine(blobs, "w"));
        File.Copy(Path.Combine(GoldenModels.Folder("squeezebert-encoder"), "config.json"), Path.Combine(blobs, "c"));
        Link(Path.Combine(snapshot, "model.safetensors"), Path.Combine("..", "..", "blobs", "w"));
        Link(Path.Combine(snapshot, "config.json"), Path.Combine("..", "..", "blobs", "c"));
        ModelFolder.Open(snapshot).Dispose();
        var nested = Directory.CreateDirectory(Path.Combine(snapshot, "0_Transformer")).FullName;
        Link(Path.Combine(nested, "model.safetensors"), Path.Combine("..", "..", "..", "blobs", "w"));
        Link(Path.Combine(nested, "config.json"), Path.Combine("..", "..", "..", "blobs", "c"));
        ModelFolder.Open(nested).Dispose();

        var other = Directory.CreateDirectory(Path.Combine(_folder.File("models--c--d"), "blobs")).FullName;
        File.Move(Path.Combine(blobs, "w"), Path.Combine(other, "w"));
        File.Delete(Path.Combine(snapshot, "model.safetensors"));
        Link(Path.Combine(snapshot, "model.safetensors"), Path.Combine(other, "w"));
        Assert.Contains("is a link out", Assert.Throws<InvalidModelFileException>(() => ModelFolder.Open(snapshot)).Message,
            StringComparison.Ordinal);
    }

    private static void Link(string path, string target)
    {
        try
        {
            File.CreateSymbolicLink(path, target);
        }
        catch (Exception e) when (OperatingSystem.IsWindows() && e is IOException or UnauthorizedAccessException)
        {
            Assert.Skip("this account may not make symbolic links");
        }
    }

    private void WriteIndex(string file, JsonObject map) =>
        File.WriteAllText(_folder.File(file),
            new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = 1 }, ["weight_map"] = map }.ToJsonString());
}
