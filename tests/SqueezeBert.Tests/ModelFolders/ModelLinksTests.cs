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
        ModelLinks.TrustedFolders = [];
        _folder.Dispose();
    }

    [Fact]
    public void LinksIntoATrustedFolderAreFollowed()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("not every account may make symbolic links on Windows");
        var (store, other) = (_folder.File("store"), _folder.File("other"));
        Directory.CreateDirectory(store);
        Directory.CreateDirectory(other);
        using var model = new ClassifierFolder();
        foreach (var file in Directory.GetFiles(model.Path))
        {
            var target = Path.Combine(store, Path.GetFileName(file));
            File.Move(file, target);
            File.CreateSymbolicLink(file, target);
        }

        var exception = Assert.Throws<InvalidModelFileException>(() => TextClassifier.Load(model.Path));
        Assert.Contains("is a link out of the model's folder", exception.Message, StringComparison.Ordinal);
        Assert.Contains("--trust-links", exception.Message, StringComparison.Ordinal);
        ModelLinks.TrustedFolders = [other];
        Assert.Throws<InvalidModelFileException>(() => TextClassifier.Load(model.Path));
        ModelLinks.TrustedFolders = [Path.Combine(_folder.Path, "stor")];
        Assert.Throws<InvalidModelFileException>(() => TextClassifier.Load(model.Path));

        // The trusted folder may be given by a link itself.
        File.CreateSymbolicLink(_folder.File("alias"), store);
        foreach (var trusted in (string[])[store, _folder.File("alias"), _folder.Path, "/"])
        {
            ModelLinks.TrustedFolders = [other, trusted];
            using var classifier = TextClassifier.Load(model.Path);
            Assert.Equal(2, ModelLinks.TrustedFolders.Count);
        }
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
