using System.Net;
using System.Net.Sockets;
using SqueezeBert.Hub;

namespace SqueezeBert.Tests.Hub;

/// <summary>The hub's client and connections that break, stall or are refused.</summary>
public sealed class HubConnectionTests : HubTests
{
    [Fact]
    public async Task WithoutAServerTheMessageNamesIt()
    {
        // Bound and not listening: a port that is only free another test's server may get.
        using var nobody = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var hub = Hub(options => options with { Endpoint = new Uri($"http://{nobody.LocalEndPoint}") });

        var error = await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model));

        Assert.Contains("owner/name: 127.0.0.1 cannot be reached", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, _pauses.Count);
    }

    [Fact]
    public async Task ACutConnectionIsContinued()
    {
        var cuts = 0;
        _server.Intercept = request => request.Method == "GET" && request.Path.StartsWith("/cdn/", StringComparison.Ordinal) && cuts++ < 3
            ? Cut(_server.Answer(request), 30_000)
            : null;
        using var hub = Hub();

        await hub.DownloadAsync(Model);

        Assert.Equal(Weights, File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
        var ranges = _server.Downloads.Where(request => request.IsFor("localhost")).Select(request => request.Range).ToList();
        Assert.Equal(4, ranges.Count);
        Assert.Null(ranges[0]);
        Assert.All(ranges.Skip(1), range => Assert.StartsWith("bytes=", range, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AConnectionThatIsAlwaysCutEndsInAnErrorAndKeepsWhatCame()
    {
        _server.Intercept = request => request.Method == "GET" && request.Path.StartsWith("/cdn/", StringComparison.Ordinal)
            ? request.Range is null ? Cut(_server.Answer(request), 30_000) : Cut(_server.Answer(request), 0)
            : null;
        using (var hub = Hub())
        {
            var error = await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model));
            Assert.Contains("model.safetensors: localhost ended the connection 5 times, now after ", error.Message,
                StringComparison.Ordinal);
            Assert.Contains($" of {Weights.Length} bytes", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("cannot be reached", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
            Assert.Null(hub.FindCached(Model));
        }

        var kept = new FileInfo(PartialPath).Length;
        Assert.InRange(kept, 1, 30_000);
        Assert.False(File.Exists(Path.Combine(Snapshot, "model.safetensors")));

        // The next call, and the hub's own tools, go on from there.
        _server.Intercept = _ => null;
        _server.Requests.Clear();
        using var again = Hub();
        await again.DownloadAsync(Model);
        Assert.Equal($"bytes={kept}-", Assert.Single(_server.Downloads, request => request.IsFor("localhost")).Range);
        Assert.Equal(Weights, File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
        Assert.False(File.Exists(PartialPath));
    }

    /// <summary>A full disk is told at once: neither is the server blamed, nor asked again.</summary>
    [Fact]
    public async Task AFullDiskIsNoMatterOfTheNetwork()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a device of Linux");
        Directory.CreateDirectory(Path.GetDirectoryName(PartialPath)!);
        File.CreateSymbolicLink(PartialPath, "/dev/full");
        using var hub = Hub();

        var error = await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model));

        Assert.Contains("owner/name: model.safetensors: cannot be written after 0 bytes: no space is left on the disk; what came is kept",
            error.Message, StringComparison.Ordinal);
        Assert.Empty(_pauses);
    }

    [Theory]
    [InlineData("ignores the range")]
    [InlineData("416")]
    [InlineData("continues elsewhere")]
    public async Task AServerThatDoesNotContinueSendsAllAgain(string how)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PartialPath)!);
        File.WriteAllBytes(PartialPath, Weights[..5000]);
        _server.Intercept = request => request.Range is null || !request.Path.StartsWith("/cdn/", StringComparison.Ordinal) ? null
            : how switch
            {
                "416" => HubServer.Reply.Of("416 Range Not Satisfiable", []),
                "continues elsewhere" => HubServer.Reply.Of(
                    "206 Partial Content", Weights[4000..], ("Content-Range", $"bytes 4000-{Weights.Length - 1}/{Weights.Length}")),
                _ => HubServer.Reply.Of("200 OK", Weights),
            };
        using var hub = Hub();

        await hub.DownloadAsync(Model);

        Assert.Equal(Weights, File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
    }

    [Fact]
    public async Task APartialFileWithWrongBytesIsAnErrorOnceAndThenFetchedAnew()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PartialPath)!);
        File.WriteAllBytes(PartialPath, new byte[5000]);
        using var hub = Hub();

        Assert.Contains("checksum", (await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model))).Message,
            StringComparison.Ordinal);
        await hub.DownloadAsync(Model);

        Assert.Equal(Weights, File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
    }

    [Theory]
    [InlineData("429 Too Many Requests", "asks for fewer requests (HTTP 429); try again in 100000 s, as it asks for")]
    [InlineData("500 Internal Server Error", "answers with HTTP 500; try again in 100000 s, as it asks for")]
    [InlineData("503 Service Unavailable", "answers with HTTP 503; try again in 100000 s, as it asks for")]
    public async Task ABusyServerIsAskedAgainAndThenNamed(string status, string message)
    {
        var refusals = 0;
        _server.Intercept = _ => refusals++ < 2 ? HubServer.Reply.Of(status, [], ("Retry-After", "7")) : null;
        var notices = new List<string>();
        using var hub = Hub(options => options with { Notice = notices.Add });
        await hub.DownloadAsync(Model);
        Assert.Equal([TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(7)], _pauses);
        Assert.Equal(Enumerable.Repeat($"127.0.0.1 answers with HTTP {status[..3]}; trying again in 7 s", 2), notices);

        // No one waits for a day; who is asked for more than a minute is told at once.
        _pauses.Clear();
        _server.Intercept = _ => HubServer.Reply.Of(status, [], ("Retry-After", "100000"));
        Assert.Contains(message, (await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model))).Message,
            StringComparison.Ordinal);
        Assert.Empty(_pauses);
        var tomorrow = DateTimeOffset.UtcNow.AddDays(1).ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        _server.Intercept = _ => HubServer.Reply.Of(status, [], ("Retry-After", tomorrow));
        Assert.Matches("try again in 8[56][0-9]{3} s", (await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model))).Message);
        Assert.Empty(_pauses);
    }

    [Fact(Timeout = 120_000)]
    public async Task AServerThatHardlySendsIsGivenUpAndWhatCameIsKept()
    {
        _server.Intercept = request => request.Method == "GET" && request.Path.StartsWith("/cdn/", StringComparison.Ordinal)
            ? _server.Answer(request) with { IsSlow = true } : null;
        using var hub = Hub(options => options with { DownloadTimeout = TimeSpan.FromSeconds(1) });

        var error = await Assert.ThrowsAsync<HubException>(
            () => hub.DownloadAsync(Model, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Contains("model.safetensors: localhost sends ", error.Message, StringComparison.Ordinal);
        Assert.Contains(" bytes a second, fewer than the 1000 that are waited for", error.Message, StringComparison.Ordinal);
        Assert.InRange(new FileInfo(PartialPath).Length, 1, 1000);
        Assert.Empty(_pauses);
    }

    [Fact(Timeout = 120_000)]
    public async Task AFewBytesAConnectionAreNoProgress()
    {
        _server.Intercept = request => request.Method == "GET" && request.Path.StartsWith("/cdn/", StringComparison.Ordinal)
            ? Cut(_server.Answer(request), 100) : null;
        var notices = new List<string>();
        using var hub = Hub(options => options with { Notice = notices.Add });

        var error = await Assert.ThrowsAsync<HubException>(
            () => hub.DownloadAsync(Model, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Contains("ended the connection 5 times, now after ", error.Message, StringComparison.Ordinal);
        Assert.Equal(4, notices.Count);
        Assert.All(notices, notice => Assert.Matches("^model.safetensors: localhost: .*; trying again in [0-9.]+ s$", notice));
    }

    [Fact]
    public async Task AListThatIsAlwaysCutIsNamed()
    {
        _server.Intercept = request => request.Path.StartsWith("/api/", StringComparison.Ordinal) ? Cut(_server.Answer(request), 20) : null;
        using var hub = Hub();

        var error = await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model));

        Assert.Contains("127.0.0.1 does not send its list of files whole", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, _pauses.Count);
    }

    [Fact]
    public async Task ACancelledDownloadIsContinuedByTheNext()
    {
        using var cancel = new CancellationTokenSource();
        using var hub = Hub();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hub.DownloadAsync(
            Model, new CancelAt("model.safetensors", cancel), cancel.Token));
        Assert.InRange(new FileInfo(PartialPath).Length, 1, Weights.Length);

        await hub.DownloadAsync(Model);

        Assert.Equal(Weights, File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
    }

    [Fact]
    public async Task ASilentServerIsGivenUp()
    {
        using var silent = new ManualResetEventSlim();
        _server.Intercept = _ =>
        {
            silent.Wait(TimeSpan.FromSeconds(30));
            return null;
        };
        using var hub = Hub(options => options with { AnswerTimeout = TimeSpan.FromMilliseconds(50) });

        var error = await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model));
        silent.Set();

        Assert.Contains("cannot be reached (no answer for", error.Message, StringComparison.Ordinal);
    }
}
