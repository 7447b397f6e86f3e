using SqueezeBert.Checkpoints;

namespace SqueezeBert.Cli.Tests;

public sealed class NewStudentTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("squeezebert-student-").FullName;
    private readonly string _teacher;

    public NewStudentTests()
    {
        _teacher = Path.Combine(_root, "teacher");
        ToolRun.Of("new", "bert", _teacher, "hidden_size=32", "num_attention_heads=4", "num_hidden_layers=4", "intermediate_size=64",
            "vocab_size=300", "max_position_embeddings=64").Succeeds();
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void LayersAreKept()
    {
        var folder = Path.Combine(_root, "student");
        var output = ToolRun.Of("new", folder, "--from-teacher", _teacher, "--keep-layers", "0, 3", "--precision", "float16").Succeeds();
        Assert.StartsWith($"{folder}: BertModel, ", output, StringComparison.Ordinal);
        Assert.Contains("layers 0, 3 of the teacher kept, everything copied\n", output, StringComparison.Ordinal);
        using var student = ModelFolder.Open(folder);
        Assert.Equal(2, student.Configuration.LayerCount);
        Assert.True(student.Tensors.TryGetTensor("embeddings.word_embeddings.weight", out var table) && table.Type == TensorType.Float16);
    }

    [Fact]
    public void ProjectionsAreFitted()
    {
        var text = Path.Combine(_root, "text.txt");
        File.WriteAllLines(text, Enumerable.Range(0, 300).Select(i => $"{(char)('a' + (i % 23))}b {(char)('a' + (i % 19))}c {i % 7}"));
        var folder = Path.Combine(_root, "student");
        var lines = ToolRun.Of("new", folder, "--from-teacher", _teacher, "--keep-layers", "1,3", "--attention-groups", "2",
            "--feed-forward-groups", "4", "--fit-text", text, "--fit-tokens", "900", "--ridge", "0.01").Succeeds().Split('\n');
        Assert.StartsWith($"{folder}: SqueezeBertModel, ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("0.01 million multiply-adds a token", lines[1], StringComparison.Ordinal);
        Assert.Equal("layers 1, 3 of the teacher kept; tables, norms and dense projections copied", lines[2]);
        Assert.StartsWith("projections with groups, and those behind the attention, fitted on 90", lines[3], StringComparison.Ordinal);
        Assert.Matches(@"^layer 1, the teacher's 3: relative error 0\.\d{4}$", lines[5]);
        using var student = ModelFolder.Open(folder);
        var configuration = Assert.IsType<SqueezeBertConfiguration>(student.Configuration);
        Assert.Equal((2, 2, 2, 1, 4, 4), (configuration.QueryGroups, configuration.KeyGroups, configuration.ValueGroups,
            configuration.PostAttentionGroups, configuration.IntermediateGroups, configuration.OutputGroups));
    }

    [Fact]
    public void ATableOfStaticEmbeddingsIsMadeInspectedAndConverted()
    {
        var folder = Path.Combine(_root, "table");
        var lines = ToolRun.Of("new", folder, "--from-teacher", _teacher, "--static", "--dimensions", "8").Succeeds().Split('\n');
        Assert.Equal($"{folder}: StaticModel, 2,400 parameters", lines[0]);
        Assert.Equal("vectors of 8 numbers for 300 tokens", lines[1]);
        Assert.Contains("model2vec", ToolRun.Of("inspect", folder).Succeeds(), StringComparison.Ordinal);
        var copy = Path.Combine(_root, "copy");
        Assert.Contains(
            $"{copy}: StaticModel, 2,400 parameters\n", ToolRun.Of("convert", folder, copy).Succeeds(), StringComparison.Ordinal);
        Assert.Equal(
            ToolRun.Of("embed", "--model", folder, "abc def").Succeeds(), ToolRun.Of("embed", "--model", copy, "abc def").Succeeds());

        // Without --dimensions 256, but the teacher has 32.
        var wide = Path.Combine(_root, "wide");
        ToolRun.Of("new", wide, "--from-teacher", _teacher, "--static").Succeeds();
        Assert.Equal(32, ModelConfiguration.Load(wide).HiddenSize);
        ToolRun.Of("convert", folder, Path.Combine(_root, "never"), "--max-length", "9").AssertFails(1, "no place for --max-length");
    }

    [Theory]
    [InlineData(2, "--dimensions needs --static", "--dimensions", "8")]
    [InlineData(2, "--keep-layers does not go with --static", "--static", "--keep-layers", "0")]
    [InlineData(1, "1 to 32 principal components", "--static", "--dimensions", "33")]
    [InlineData(2, "projections with groups are fitted on text: give --fit-text FILE", "--feed-forward-groups", "2")]
    [InlineData(2, "--ridge is for projections with groups", "--ridge", "0.1")]
    [InlineData(2, "--fit-text is for projections with groups", "--attention-groups", "1", "--fit-text", "x.txt")]
    [InlineData(1, "3 feed-forward groups do not divide the teacher's hidden_size, 32", "--feed-forward-groups", "3", "--fit-text", "x")]
    [InlineData(1, "nothing.txt", "--feed-forward-groups", "2", "--fit-text", "nothing.txt")]
    [InlineData(1, "there is no layer 4 to keep", "--keep-layers", "0,4")]
    [InlineData(2, "--keep-layers takes numbers of layers, 0,3,5, not 'x'", "--keep-layers", "0,x")]
    [InlineData(2, "--head does not go with --from-teacher", "--head", "encoder")]
    [InlineData(2, "give the folder for the model only", "hidden_size=3")]
    public void WhatDoesNotFitIsRefused(int code, string reason, params string[] rest)
    {
        var folder = Path.Combine(_root, "never");
        ToolRun.Of(["new", folder, "--from-teacher", _teacher, .. rest]).AssertFails(code, reason);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void StudentsOptionsNeedATeacher()
    {
        ToolRun.Of("new", "bert-tiny", Path.Combine(_root, "never"), "--keep-layers", "0")
            .AssertFails(2, "--keep-layers needs --from-teacher");
        ToolRun.Of("new", "bert-tiny").AssertFails(2, "give a size and the folder for the model");
    }
}
