using System.Diagnostics;

namespace SqueezeBert.Cli.Tests;

/// <summary>Where the files of a model may be: links out of the folder, pipes.</summary>
public sealed class ModelFileTests : IDisposable
{
    private readonly TestTool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public void WeightsInASharedStoreAreReadIfItIsTrusted()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("not every account may make symbolic links on Windows");
        var before = TestTool.Run("classify", "--model", _tool.Model, "good");
        var (weights, store) = (Path.Combine(_tool.Model, "model.safetensors"), Path.Combine(_tool.Folder, "store"));
        Directory.CreateDirectory(store);
        File.Move(weights, Path.Combine(store, "abc"));
        File.CreateSymbolicLink(weights, Path.Combine(store, "abc"));

        var error = TestTool.Fails(1, "classify", "--model", _tool.Model, "good");
        Assert.Contains("is a link out of the model's folder", error, StringComparison.Ordinal);
        Assert.Contains("--trust-links FOLDER", error, StringComparison.Ordinal);
        Assert.Equal(before, TestTool.Run("classify", "--model", _tool.Model, "--trust-links", store, "good"));
        Assert.Equal(0, TestTool.Run("inspect", _tool.Model, "--trust-links", "/nowhere", "--trust-links", store).Code);

        // It holds for one run.
        TestTool.Fails(1, "classify", "--model", _tool.Model, "good");
        Assert.Contains("--trust-links", TestTool.Fails(2, "vocab", "--trust-links", store, "x"), StringComparison.Ordinal);
    }

    [Fact]
    public void APipeInPlaceOfWeightsIsRefused()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Windows has no pipes in folders");
        var weights = Path.Combine(_tool.Model, "model.safetensors");
        File.Delete(weights);
        using (var process = Process.Start("mkfifo", weights)) process.WaitForExit();
        Assert.Contains("no regular file", TestTool.Fails(1, "classify", "--model", _tool.Model, "good"), StringComparison.Ordinal);
    }
}
