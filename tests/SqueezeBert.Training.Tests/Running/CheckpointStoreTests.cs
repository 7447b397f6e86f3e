using SqueezeBert.Checkpoints;
using SqueezeBert.Training.Recipes;
using SqueezeBert.Training.Running;

namespace SqueezeBert.Training.Tests.Running;

public sealed class CheckpointStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("squeezebert-checkpoints-").FullName;

    private OutputFolder Output => new(_folder);

    private CheckpointStore Store => new(Output);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void TheNewestAreKeptAndTheLatestIsRead()
    {
        Assert.Null(Store.LoadLatest());
        for (var step = 1; step <= 4; step++) Save(step, keep: 2);
        Assert.Equal(["000003", "000004"], Output.Checkpoints.Select(path => Path.GetFileName(path)));
        var checkpoint = Store.LoadLatest()!;
        Assert.Equal(Output.Checkpoints[^1], checkpoint.Path);
        Assert.Equal((4, "print", 0.25, true), (checkpoint.State.Step, checkpoint.State.Fingerprint, checkpoint.State.BestScore,
            double.IsNaN(checkpoint.State.Evaluation!.Loss)));
        Assert.Equal(["a", "b"], checkpoint.State.Labels);
        Assert.Equal([4f, -0f, float.Epsilon], checkpoint.Tensors["parameter/x"]);
        Store.Clear();
        Assert.Empty(Output.Checkpoints);
    }

    [Fact]
    public void WhatADeadRunLeftHalfWrittenIsNoCheckpointAndGoes()
    {
        Save(1, keep: 2);
        var half = Directory.CreateDirectory(Path.Combine(Output.CheckpointFolder, ".writing-7")).FullName;
        File.WriteAllText(Path.Combine(half, "state.json"), "{");
        Assert.Single(Output.Checkpoints);
        Assert.Equal(1, Store.LoadLatest()!.State.Step);
        Save(2, keep: 2);
        Assert.False(Directory.Exists(half));
        Assert.Equal(2, Store.LoadLatest()!.State.Step);
    }

    [Theory]
    [InlineData("state.json", "")]
    [InlineData("state.json", "{}")]
    [InlineData("state.json", "[1]")]
    [InlineData("state.json", "{\"format\":2}")]
    [InlineData("state.json", null)]
    [InlineData("tensors.safetensors", "")]
    [InlineData("tensors.safetensors", null)]
    public void ADamagedCheckpointIsAnErrorWithItsFile(string file, string? content)
    {
        Save(1, keep: 1);
        var path = Path.Combine(Output.Checkpoints[0], file);
        if (content is null) File.Delete(path);
        else File.WriteAllText(path, content);
        var error = Assert.ThrowsAny<Exception>(() => Store.LoadLatest());
        Assert.True(error is InvalidModelFileException or FileNotFoundException, error.GetType().Name);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    private void Save(int step, int keep)
    {
        var state = new StageState
        {
            Fingerprint = "print",
            Step = step,
            BestScore = 0.25,
            Labels = ["a", "b"],
            Evaluation = new EvaluationSummary(double.NaN, 0.5, 3, new Dictionary<string, double> { ["x.tsv"] = 0.5 }),
        };
        Store.Save(state, [new NamedTensor("parameter/x", [3], new float[] { step, -0f, float.Epsilon })], keep);
    }
}
