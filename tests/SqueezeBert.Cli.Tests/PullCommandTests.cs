using SqueezeBert.Cli.Terminal;
using SqueezeBert.Tests.Hub;

namespace SqueezeBert.Cli.Tests;

/// <summary>`squeezebert pull` against a server of the test's own, by way of the hub's environment variables.</summary>
public sealed class PullCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("squeezebert-");
    private readonly HubServer _server = new();
    private readonly StringWriter _output = new() { NewLine = "\n" };
    private readonly StringWriter _error = new() { NewLine = "\n" };

    public PullCommandTests()
    {
        _server.Files["config.json"] = "{}"u8.ToArray();
        _server.Files["vocab.txt"] = "[UNK]\n"u8.ToArray();
        _server.Files["model.safetensors"] = new byte[200_000];
        Environment.SetEnvironmentVariable("HF_ENDPOINT", _server.Endpoint.AbsoluteUri);
        Environment.SetEnvironmentVariable("HF_HUB_CACHE", _folder.FullName);
        Environment.SetEnvironmentVariable("HF_HUB_OFFLINE", null);
    }

    private string Snapshot => Path.Combine(_folder.FullName, "models--owner--name", "snapshots", HubServer.Commit);

    public void Dispose()
    {
        foreach (var name in new[] { "HF_ENDPOINT", "HF_HUB_CACHE", "HF_HUB_OFFLINE" }) Environment.SetEnvironmentVariable(name, null);
        _server.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void PrintsTheFolderAloneOnStandardOutput()
    {
        Assert.Equal(0, Run(isInteractive: false, "pull", "owner/name"));

        Assert.Equal(Snapshot + "\n", _output.ToString());
        Assert.Equal("config.json: 2 bytes\nvocab.txt: 6 bytes\nmodel.safetensors: 200,000 bytes\n", _error.ToString());
        Assert.Equal(200_000, File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")).Length);
    }

    [Fact]
    public void WithBarsOnATerminalStandardOutputIsTheSame()
    {
        Assert.Equal(0, Run(isInteractive: true, "pull", "hf:owner/name@main"));

        Assert.Equal(Snapshot + "\n", _output.ToString());
        Assert.DoesNotContain(": 6 bytes", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void OfflineItFindsWhatWasPulledAndElseSaysWhatToDo()
    {
        Environment.SetEnvironmentVariable("HF_HUB_OFFLINE", "1");
        Assert.Equal(1, Run(isInteractive: false, "pull", "owner/name"));
        Assert.StartsWith("squeezebert pull: owner/name is not in the cache at ", _error.ToString(), StringComparison.Ordinal);
        Assert.Single(_error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));

        Environment.SetEnvironmentVariable("HF_HUB_OFFLINE", null);
        Run(isInteractive: false, "pull", "owner/name");
        _server.Requests.Clear();
        Environment.SetEnvironmentVariable("HF_HUB_OFFLINE", "1");
        Assert.Equal(0, Run(isInteractive: false, "pull", "owner/name"));
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public void AModelIsNamedByTheHubInEveryCommand()
    {
        using var tool = new TestTool();
        foreach (var file in Directory.EnumerateFiles(tool.Model)) _server.Files[Path.GetFileName(file)] = File.ReadAllBytes(file);
        Assert.Equal(0, Run(isInteractive: false, "classify", "--model", "hf:owner/name@main", "good film"));
        Assert.Equal(TestTool.Run("classify", "--model", tool.Model, "good film").Output, _output.ToString());
        Assert.Contains("model.safetensors: ", _error.ToString(), StringComparison.Ordinal);

        // From here on it is in the cache.
        _server.Requests.Clear();
        _error.GetStringBuilder().Clear();
        var table = tool.Write("data.tsv", "text\tlabel\ngood\tLABEL_0\n");
        string[] hub = ["--model", "hf:owner/name"], folder = ["--model", tool.Model];
        foreach (var arguments in (string[][])[["tokenize", "good"], ["embed", "good"], ["similar", "good", "film"], ["features", "good"],
            ["pair", "good", "film"], ["zero-shot", "--entailment", "LABEL_1", "--label", "bad", "--label", "good", "film"]])
        {
            _output.GetStringBuilder().Clear();
            Assert.True(Run(isInteractive: true, [.. arguments, .. hub]) == 0, _error.ToString());
            Assert.Equal(TestTool.Run([.. arguments, .. folder]).Output, _output.ToString());
        }

        foreach (var command in (string[][])[["evaluate", "--data", table, .. hub], ["bench", "--output", "logits", "--seconds", "0",
            .. hub], ["inspect", "hf:owner/name"], ["compare", "--seconds", "0", "hf:owner/name"]])
        {
            _output.GetStringBuilder().Clear();
            Assert.True(Run(isInteractive: false, command) == 0, _error.ToString());
            if (command[0] == "compare") Assert.Contains("hf:owner/name", _output.ToString(), StringComparison.Ordinal);
        }

        Assert.Empty(_error.ToString());
        Assert.Empty(_server.Requests);
    }

    [Theory]
    [InlineData("classify", "--model", "hf:owner/name", "good")]
    [InlineData("embed", "--model", "hf:owner/name", "good")]
    [InlineData("forward", "--model", "hf:owner/name", "--input", "a", "--output", "b")]
    [InlineData("train", "--data", "a", "--output", "b", "--from", "hf:owner/name")]
    [InlineData("compare", "hf:owner/name")]
    public void OfflineAModelThatIsNotThereIsOneLineThatSaysWhatToDo(params string[] arguments)
    {
        Environment.SetEnvironmentVariable("HF_HUB_OFFLINE", "1");

        Assert.Equal(1, Run(isInteractive: false, arguments));

        Assert.StartsWith($"squeezebert {arguments[0]}: owner/name is not in the cache at ", _error.ToString(), StringComparison.Ordinal);
        Assert.Contains("run 'squeezebert pull owner/name' once with a network", _error.ToString(), StringComparison.Ordinal);
        Assert.Single(_error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public void ANameThatIsNoneIsWrongUse()
    {
        Assert.Equal(2, Run(isInteractive: false, "classify", "--model", "hf:../name", "good"));
        Assert.Contains("'hf:../name' is not the name of a model; give owner/name or owner/name@revision", _error.ToString(),
            StringComparison.Ordinal);
    }

    [Fact(Timeout = 120_000)]
    public async Task TwoProcessesAtOnceFetchEachFileOnce()
    {
        // The large file is held back until both processes are at work.
        _server.Intercept = request =>
        {
            if (IsLarge(request))
                Assert.True(
                    SpinWait.SpinUntil(() => _server.Requests.Count(other => other.Path.StartsWith("/api/", StringComparison.Ordinal)) == 2,
                        TimeSpan.FromSeconds(60)));
            return null;
        };
        using var first = ToolRun.Start("pull", "owner/name");
        using var second = ToolRun.Start("pull", "owner/name");
        foreach (var process in new[] { first, second })
        {
            Assert.Equal(Snapshot + "\n", await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, process.ExitCode);
        }

        Assert.Equal(3, _server.Downloads.Count());
        AssertWhole();
    }

    [Fact(Timeout = 120_000)]
    public async Task AProcessThatDiesLeavesNeitherALockNorABrokenFile()
    {
        using var hasBegun = new ManualResetEventSlim();
        using var hasDied = new ManualResetEventSlim();
        _server.Intercept = request =>
        {
            // The first to fetch the large file never gets it.
            if (!IsLarge(request) || hasBegun.IsSet) return null;
            hasBegun.Set();
            Assert.True(hasDied.Wait(TimeSpan.FromSeconds(60), CancellationToken.None));
            return null;
        };
        using var first = ToolRun.Start("pull", "owner/name");
        Assert.True(hasBegun.Wait(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        using var second = ToolRun.Start("pull", "owner/name");

        // The second has asked about the file, and waits for the lock next.
        Assert.True(
            SpinWait.SpinUntil(
                () => _server.Requests.Count(request => request.Method == "HEAD"
                    && request.Path.EndsWith("/model.safetensors", StringComparison.Ordinal)) == 2, TimeSpan.FromSeconds(60)));
        first.Kill();
        await first.WaitForExitAsync(TestContext.Current.CancellationToken);
        hasDied.Set();
        Assert.Equal(Snapshot + "\n", await second.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.Equal(2, _server.Downloads.Count(IsLarge));
        AssertWhole();
    }

    private static bool IsLarge(HubServer.Request request) =>
        request.Method == "GET" && request.Path.StartsWith("/cdn/", StringComparison.Ordinal);

    private void AssertWhole()
    {
        foreach (var (name, bytes) in _server.Files) Assert.Equal(bytes, File.ReadAllBytes(Path.Combine(Snapshot, name)));
        Assert.Equal(["config.json", "model.safetensors", "vocab.txt"],
            Directory.EnumerateFileSystemEntries(Snapshot).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(Directory.EnumerateFiles(_folder.FullName, "*", SearchOption.AllDirectories),
            file => Path.GetExtension(file) is ".incomplete" or ".tmp");
    }

    [Theory]
    [InlineData("../name", 2, "is not the name of a model; give owner/name or owner/name@revision (see squeezebert pull --help)")]
    [InlineData("owner/other", 1, "there is no such model at 127.0.0.1, or it is private")]
    public void FailuresAreOneLine(string model, int code, string message)
    {
        Assert.Equal(code, Run(isInteractive: false, "pull", model));

        Assert.Contains(message, _error.ToString(), StringComparison.Ordinal);
        Assert.Single(_error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(_output.ToString());
    }

    private int Run(bool isInteractive, params string[] args)
    {
        using var console = new ToolConsole(Stream.Null, _output, _error, isInteractive);
        return Tool.Run(args, console);
    }
}
