using SqueezeBert.Checkpoints;

namespace SqueezeBert.Cli.Tests;

public sealed class ForwardTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("squeezebert-forward-").FullName;

    public static TheoryData<string> Models =>
        [.. Directory.EnumerateDirectories(Path.Combine(AppContext.BaseDirectory, "Fixtures", "models"))
            .Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Models))]
    public void OutputsAreThoseOfTheReference(string name)
    {
        var model = Model(name);
        var output = Out("outputs.safetensors");
        ToolRun.Of("forward", "--model", model, "--input", Path.Combine(model, "expected.safetensors"), "--output", output).Succeeds();
        using var expected = SafetensorsFile.Open(Path.Combine(model, "expected.safetensors"));
        using var actual = SafetensorsFile.Open(output);
        var wanted = expected.Names.Where(tensor => tensor.StartsWith("output.", StringComparison.Ordinal)).ToList();
        Assert.Empty(actual.Names.Except(wanted).Except(["output.last_hidden_state", "output.pooler_output"]));
        var mask = Integers(expected, "input.attention_mask");
        foreach (var tensor in wanted) Compare(tensor, Floats(expected, tensor), Floats(actual, tensor), mask);
    }

    [Fact]
    public void MaskAndTypesAreOptionalAndNamesMayBePlain()
    {
        var model = Model("squeezebert-sequence-classification");
        Write("plain.safetensors", ("input_ids", [1, 3], [5, 6, 7]));
        Write("full.safetensors", ("input.input_ids", [1, 3], [5, 6, 7]), ("input.attention_mask", [1, 3], [1, 1, 1]),
            ("input.token_type_ids", [1, 3], [0, 0, 0]));
        ToolRun.Of("forward", "--model", model, "--input", Out("plain.safetensors"), "--output", Out("a")).Succeeds();
        ToolRun.Of("forward", "--model", model, "--input", Out("full.safetensors"), "--output", Out("b"), "--threads", "1").Succeeds();
        Assert.Equal(File.ReadAllBytes(Out("a")), File.ReadAllBytes(Out("b")));
    }

    [Fact]
    public void Int8GivesOtherNumbersThatAreNear()
    {
        var model = Model("squeezebert-sequence-classification");
        string[] arguments = ["forward", "--model", model, "--input", Path.Combine(model, "expected.safetensors"), "--output"];
        ToolRun.Of([.. arguments, Out("exact"), "--precision", "float32"]).Succeeds();
        ToolRun.Of([.. arguments, Out("rounded"), "--precision", "int8"]).Succeeds();
        using var exact = SafetensorsFile.Open(Out("exact"));
        using var rounded = SafetensorsFile.Open(Out("rounded"));
        float[] expected = Floats(exact, "output.last_hidden_state").Values, actual = Floats(rounded, "output.last_hidden_state").Values;
        Assert.NotEqual(expected, actual);
        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second, pair.First - 0.1f, pair.First + 0.1f));
    }

    [Fact]
    public void InputsThatDoNotFitAreErrorsThatNameTheTensor()
    {
        Fails("input_ids", "is missing; the file has ids", ("ids", [1, 3], [5, 6, 7]));
        Fails("input_ids", "[batch, length] is needed", ("input_ids", [3], [5, 6, 7]));
        Fails("input_ids", "[batch, length] is needed", ("input_ids", [0, 3], []));
        Fails("input_ids", "has the shape [1, 1, 2]; the model (encoder) takes [batch, length]", ("input_ids", [1, 1, 2], [5, 6]));
        Fails("input_ids", "with and without 'input.'", ("input_ids", [1, 1], [5]), ("input.input_ids", [1, 1], [5]));
        Fails("attention_mask", "has the shape [3, 1]; input_ids has [1, 3]", ("input_ids", [1, 3], [5, 6, 7]),
            ("attention_mask", [3, 1], [1, 1, 1]));
        Fails("attention_mask", "the value 2", ("input_ids", [1, 3], [5, 6, 7]), ("attention_mask", [1, 3], [1, 2, 1]));
        Fails("attention_mask", "without a token", ("input_ids", [1, 3], [5, 6, 7]), ("attention_mask", [1, 3], [0, 0, 0]));
        Fails("token id", "100000", ("input_ids", [1, 3], [5, 100000, 7]));
        Fails("input_ids", "tokens a text", ("input_ids", [1, 400], new long[400]));
        var floats = new SafetensorsWriter();
        floats.Add("input_ids", [1, 2], new float[] { 1, 2 });
        floats.Save(Out("in.safetensors"));
        Run("in.safetensors").AssertFails(1, "input_ids", "holds F32; integers (I64) are needed");
        Assert.False(File.Exists(Out("out.safetensors")));
    }

    [Fact]
    public void WrongUseAndMissingFilesAreTold()
    {
        ToolRun.Of("forward", "--model", "m").AssertFails(2, "--input");
        ToolRun.Of("forward", "--model", Model("bert-encodr"), "--input", "x", "--output", "y")
            .AssertFails(1, "did you mean", "bert-encoder");
        ToolRun.Of("forward", "--model", Model("bert-encoder"), "--input", Path.Combine(Model("bert-encoder"), "expected.safetensor"),
            "--output", "y").AssertFails(1, "expected.safetensor");
    }

    // 1e-5 x max(1, largest) on real tokens; for attentions where query and key are both real. Everywhere else there are zeros.
    private static void Compare(string name, (float[] Values, long[] Shape) expected, (float[] Values, long[] Shape) actual,
        (long[] Values, long[] Shape) mask)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        var length = mask.Shape[^1];
        var largest = 1f;
        for (var pass = 0; pass < 2; pass++)
        {
            for (var i = 0; i < actual.Values.Length; i++)
            {
                var isReal = IsReal(i);
                if (pass == 0 && isReal) largest = Math.Max(largest, Math.Abs(expected.Values[i]));
                if (pass == 1 && isReal) Assert.True(Math.Abs(actual.Values[i] - expected.Values[i]) <= 1e-5f * largest,
                    $"{name}[{i}] is {actual.Values[i]}, not {expected.Values[i]}");
                if (pass == 1 && !isReal) Assert.Equal(0f, actual.Values[i]);
            }
        }

        bool IsReal(long index)
        {
            switch (expected.Shape)
            {
                case [_, _] when name is "output.start_logits" or "output.end_logits":
                    return mask.Values[index] == 1;
                case [_, _]:
                    return true;
                case [_, _, var width]:
                    return mask.Values[index / width] == 1;
                default:
                    var (key, query, text) = (index % length, index / length % length, index / (length * length * expected.Shape[1]));
                    return mask.Values[(text * length) + query] == 1 && mask.Values[(text * length) + key] == 1;
            }
        }
    }

    private static string Model(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "models", name);

    private static (float[] Values, long[] Shape) Floats(SafetensorsFile file, string name)
    {
        Assert.True(file.TryGetTensor(name, out var info), name);
        Assert.Equal(TensorType.Float32, info.Type);
        var values = new float[info.ElementCount];
        file.ReadFloats(name, values);
        return (values, [.. info.Shape]);
    }

    private static (long[] Values, long[] Shape) Integers(SafetensorsFile file, string name)
    {
        Assert.True(file.TryGetTensor(name, out var info), name);
        var values = new long[info.ElementCount];
        file.ReadInt64s(name, values);
        return (values, [.. info.Shape]);
    }

    private string Out(string name) => Path.Combine(_folder, name);

    private void Write(string file, params (string Name, long[] Shape, long[] Values)[] tensors)
    {
        var writer = new SafetensorsWriter();
        foreach (var (name, shape, values) in tensors) writer.Add(name, shape, values);
        writer.Save(Out(file));
    }

    private ToolRun Run(string input) =>
        ToolRun.Of("forward", "--model", Model("bert-encoder"), "--input", Out(input), "--output", Out("out.safetensors"));

    private void Fails(string tensor, string message, params (string Name, long[] Shape, long[] Values)[] tensors)
    {
        Write("in.safetensors", tensors);
        Run("in.safetensors").AssertFails(1, tensor, message);
    }
}
