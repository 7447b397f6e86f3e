using SqueezeBert.Training.Tasks;
using SqueezeBert.Training.Tests.Data;

namespace SqueezeBert.Training.Tests.Tasks;

public sealed class StageInputTests
{
    /// <summary>A path in a message is one that the user would write.</summary>
    [Theory]
    [InlineData(".", "case.tsv", "case.tsv")]
    [InlineData("out/..", "case.tsv", "case.tsv")]
    [InlineData("out", "../data/case.tsv", "data/case.tsv")]
    [InlineData("out/..", "..case.tsv", "..case.tsv")]
    public void AFileBelowTheCurrentFolderIsNamedFromThere(string root, string file, string expected)
    {
        Assert.Equal(Native(expected), PathOf(root, file));
        Assert.Equal(Native(expected), PathOf(Path.Combine(Environment.CurrentDirectory, root), file));
    }

    [Fact]
    public void AFileElsewhereIsNamedByItsWholePath()
    {
        var folder = Path.GetFullPath(Path.GetTempPath());
        Assert.Equal(Path.Combine(folder, "case.tsv"), PathOf(Path.Combine(folder, "out", ".."), "case.tsv"));
        var above = Path.GetDirectoryName(Environment.CurrentDirectory)!;
        Assert.Equal(Path.Combine(above, "case.tsv"), PathOf("..", "case.tsv"));
    }

    private static string Native(string path) => path.Replace('/', Path.DirectorySeparatorChar);

    private static string PathOf(string root, string file)
    {
        using var folder = new DataFolder();
        var source = new DataSource { File = file };
        var stage = new StageRecipe { Name = "x", Task = TrainingTasks.SingleLabel, Data = [source] };
        return new StageInput(stage, "recipe", root, folder.Tokenizer, null).PathOf(source);
    }
}
