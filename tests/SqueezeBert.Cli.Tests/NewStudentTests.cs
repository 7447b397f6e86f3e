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

    [Theory]
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
