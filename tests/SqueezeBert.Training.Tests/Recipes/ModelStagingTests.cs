using SqueezeBert.Training.Recipes;
using SqueezeBert.Training.Tests.Running;

namespace SqueezeBert.Training.Tests.Recipes;

/// <summary>A run that was killed while it saved its model, and the next run into its folder.</summary>
public sealed class ModelStagingTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void AModelThatWasHalfWrittenIsReplaced()
    {
        using var toy = new ToyTask();
        Write(toy, "vocab.txt", "half");
        Write(toy, "1_Pooling/config.json", "half");
        File.WriteAllText(toy.Path("out/metrics.jsonl"), "of that run\n");
        Run(toy, "out");
        Run(toy, "other");
        Assert.Equal(Names(toy, "other"), Names(toy, "out"));
        Assert.Equal(File.ReadAllBytes(toy.Path("other/model.safetensors")), File.ReadAllBytes(toy.Path("out/model.safetensors")));
    }

    [Fact]
    public void AModelThatWasWrittenIsPutInItsPlace()
    {
        using var toy = new ToyTask();
        Run(toy, "out");
        var (names, weights) = (Names(toy, "out"), File.ReadAllBytes(toy.Path("out/model.safetensors")));
        Write(toy, ModelStaging.CompleteFile, "");
        foreach (var name in new[] { "config.json", "model.safetensors" })
            File.Move(toy.Path($"out/{name}"), toy.Path($"out/{ModelStaging.FolderName}/{name}"));
        var error = Assert.Throws<RecipeException>(() => Run(toy, "out"));
        Assert.Contains("has a model already", error.Message, StringComparison.Ordinal);
        Assert.Equal(names, Names(toy, "out"));
        Assert.Equal(weights, File.ReadAllBytes(toy.Path("out/model.safetensors")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AModelOfTheUsersOwnStays(bool isComplete)
    {
        using var toy = new ToyTask();
        Write(toy, "model.safetensors", "of the run");
        Write(toy, "config.json", "{}");
        if (isComplete) Write(toy, ModelStaging.CompleteFile, "");
        File.WriteAllText(toy.Path("out/model.safetensors"), "of the user");
        var error = Assert.Throws<RecipeException>(() => Run(toy, "out"));
        Assert.Contains("'model.safetensors', which a training would replace", error.Message, StringComparison.Ordinal);
        Assert.Equal("of the user", File.ReadAllText(toy.Path("out/model.safetensors")));
        Assert.False(File.Exists(toy.Path("out/config.json")));
    }

    [Fact]
    public void AModelThatCannotBeWrittenLeavesNothing()
    {
        using var toy = new ToyTask();
        var output = Directory.CreateDirectory(toy.Path("out")).FullName;
        Assert.Throws<IOException>(() => new ModelStaging(output).Write(folder =>
        {
            File.WriteAllText(Path.Combine(folder, "vocab.txt"), "");
            throw new IOException("the disk is full");
        }));
        Assert.Empty(Directory.EnumerateFileSystemEntries(output));
    }

    private static void Write(ToyTask toy, string name, string text)
    {
        var path = toy.Path($"out/{ModelStaging.FolderName}/{name}");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static void Run(ToyTask toy, string name) => Trainer.Run(
        Recipe.Load(toy.Recipe(name, recipe => recipe["stages"]![0]!["epochs"] = 0.1)), cancellationToken: Cancelled);

    private static List<string> Names(ToyTask toy, string name) =>
    [
        .. Directory.EnumerateFileSystemEntries(toy.Path(name), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(toy.Path(name), path)).Order(StringComparer.Ordinal),
    ];
}
