using System.Diagnostics;
using SqueezeBert.Checkpoints;
using SqueezeBert.Tests.Pipelines.Classifying;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.ModelFolders;

/// <summary>Links into a store that the program trusts, and paths that are no regular files.</summary>
public sealed class ModelLinksTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _folder.Dispose();
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("vocab.txt")]
    public void APipeIsRefusedAndNotWaitedFor(string name)
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Windows has no pipes in folders");
        using var model = new ClassifierFolder();
        if (name == "vocab.txt") File.Delete(Path.Combine(model.Path, "tokenizer.json"));
        var file = Path.Combine(model.Path, name);
        File.Delete(file);
        using (var process = Process.Start("mkfifo", file)) process.WaitForExit();

        var load = Task.Run(() => TextClassifier.Load(model.Path), TestContext.Current.CancellationToken);
        Assert.True(((IAsyncResult)load).AsyncWaitHandle.WaitOne(TimeSpan.FromSeconds(20)), "waits for the pipe");
        var exception = Assert.IsType<InvalidModelFileException>(Assert.Single(load.Exception!.InnerExceptions));
        Assert.Contains("no regular file", exception.Message, StringComparison.Ordinal);
        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ADeviceIsRefused()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Windows has no device files");
        Assert.Throws<InvalidModelFileException>(() => BertTokenizer.Load("/dev/zero"));
    }
}
