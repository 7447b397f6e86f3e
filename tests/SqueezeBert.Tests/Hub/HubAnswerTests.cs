using System.Net;
using System.Text;
using SqueezeBert.Checkpoints;
using SqueezeBert.Hub;

namespace SqueezeBert.Tests.Hub;

/// <summary>The hub's client and answers that are wrong, hostile or lead elsewhere.</summary>
public sealed class HubAnswerTests : HubTests
{
    [Theory]
    [InlineData("other bytes", "model.safetensors", "checksum")]
    [InlineData("other bytes", "config.json", "checksum")]
    [InlineData("more bytes, and says so", "model.safetensors", "is about to send more than")]
    [InlineData("more bytes in chunks", "model.safetensors", "sends more than")]
    [InlineData("another size in the header", "model.safetensors", "here and")]
    [InlineData("another hash in the header", "model.safetensors", "two different hashes")]
    [InlineData("no etag", "config.json", "no usable ETag")]
    [InlineData("a path as etag", "config.json", "no usable ETag")]
    [InlineData("another commit", "config.json", "instead of 0123456789abcdef")]
    public async Task AServerThatLiesIsFoundOut(string lie, string file, string message)
    {
        var isLarge = file == "model.safetensors";
        _server.Intercept = request =>
        {
            var isFile = request.Path.EndsWith("/" + file, StringComparison.Ordinal);
            var isBody = isLarge ? request.Path.StartsWith("/cdn/", StringComparison.Ordinal) : isFile && request.Method == "GET";
            var reply = _server.Answer(request);
            switch (lie)
            {
                case "other bytes" when isBody:
                    var other = (byte[])reply.Body.Clone();
                    other[^1] ^= 1;
                    return reply with { Body = other };
                case "more bytes, and says so" when isBody:
                    return reply with { Body = [.. reply.Body, 0] };
                case "more bytes in chunks" when isBody:
                    return new("200 OK", new() { ["Transfer-Encoding"] = "chunked", ["Content-Length"] = "" },
                        [.. Encoding.ASCII.GetBytes($"{reply.Body.Length + 1:x}\r\n"), .. reply.Body, 0, .. "\r\n0\r\n\r\n"u8]);
                case "another size in the header" when isFile:
                    reply.Headers["X-Linked-Size"] = "5";
                    return reply;
                case "another hash in the header" when isFile:
                    reply.Headers["X-Linked-Etag"] = $"\"{new string('a', 64)}\"";
                    return reply;
                case "no etag" when isFile:
                    reply.Headers.Remove("ETag");
                    return reply;
                case "a path as etag" when isFile:
                    reply.Headers["ETag"] = "\"../../../evil\"";
                    return reply;
                case "another commit" when isFile:
                    reply.Headers["X-Repo-Commit"] = new string('f', 40);
                    return reply;
                default:
                    return null;
            }
        };
        using var hub = Hub();

        var error = await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("owner/name: ", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Snapshot, file)));
        Assert.False(File.Exists(Path.Combine(ModelCache, "refs", "main")));

        // Nothing of it is in the way of an honest server.
        _server.Intercept = _ => null;
        await hub.DownloadAsync(Model);
        Assert.Equal(_server.Files[file], File.ReadAllBytes(Path.Combine(Snapshot, file)));
    }

    [Theory]
    [InlineData("401 Unauthorized", "RepoNotFound", "there is no such model at 127.0.0.1, or it is private; check the name; set HF_TOKEN")]
    [InlineData("401 Unauthorized", "", "there is no such model")]
    [InlineData("403 Forbidden", "GatedRepo", "access is restricted; accept its terms")]
    [InlineData("404 Not Found", "RepoNotFound", "there is no such model")]
    [InlineData("404 Not Found", "RevisionNotFound", "there is no revision 'main'")]
    [InlineData("404 Not Found", "", "not found at 127.0.0.1")]
    [InlineData("418 I'm a teapot", "", "answers with HTTP 418")]
    public async Task ARefusalSaysWhy(string status, string code, string message)
    {
        _server.Intercept = _ => HubServer.Reply.Of(status, [], ("X-Error-Code", code));
        using var hub = Hub();

        var error = await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode)int.Parse(status[..3], System.Globalization.CultureInfo.InvariantCulture), error.StatusCode);
        Assert.Single(_server.Requests);
    }

    [Theory]
    [InlineData("/owner/name/elsewhere", "redirects more than 5 times")]
    [InlineData("file:///etc/passwd", "redirects to an address of the kind 'file'")]
    [InlineData("", "redirects to nowhere")]
    public async Task ARedirectThatLeadsAstrayIsNotFollowed(string location, string message)
    {
        _server.Intercept = _ => HubServer.Reply.Of("302 Found", [], location.Length == 0 ? [] : [("Location", location)]);
        using var hub = Hub();

        Assert.Contains(message, (await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARenamedModelIsFollowed()
    {
        _server.Intercept = request => request.Path.Contains("owner/old", StringComparison.Ordinal)
            ? HubServer.Reply.Of("307 Temporary Redirect", [],
                ("Location", request.Path.Replace("owner/old", "owner/name", StringComparison.Ordinal)))
            : null;
        using var hub = Hub();

        var folder = await hub.DownloadAsync(ModelReference.Parse("owner/old"));

        Assert.Equal(Path.Combine(Cache, "models--owner--old", "snapshots", HubServer.Commit), folder);
        Assert.Equal(Weights, File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
    }

    [Theory]
    [InlineData("nonsense", "cannot be read")]
    [InlineData("[]", "cannot be read")]
    [InlineData("""{"sha":"../..","siblings":[]}""", "does not name a commit")]
    [InlineData("""{"sha":"0123456789abcdef0123456789abcdef01234567"}""", "has no files")]
    [InlineData("""{"sha":"0123456789abcdef0123456789abcdef01234567","siblings":[{"size":1}]}""", "has a file without a name")]
    [InlineData("""{"sha":"0123456789abcdef0123456789abcdef01234567","siblings":[]}""", "has no config.json")]
    public async Task AWrongListIsAnError(string json, string message)
    {
        _server.Intercept = _ => HubServer.Reply.Of("200 OK", Encoding.UTF8.GetBytes(json));
        using var hub = Hub();

        Assert.Contains(message, (await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model))).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../evil.txt", "is not the plain name")]
    [InlineData("missing.safetensors", "names missing.safetensors, which the model does not have")]
    public async Task AnIndexCannotNameOtherFiles(string shard, string message)
    {
        _server.Files.Remove("model.safetensors");
        _server.Files["model.safetensors.index.json"] = Encoding.UTF8.GetBytes($$$"""{"weight_map":{"a":"{{{shard}}}"}}""");
        using var hub = Hub();

        var error = await Assert.ThrowsAnyAsync<Exception>(() => hub.DownloadAsync(Model));

        Assert.True(error is HubException or InvalidModelFileException);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "evil*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task TooLargeAModelIsRefusedBeforeItIsFetched()
    {
        using var hub = Hub(options => options with { MaxBytes = Weights.Length });

        var error = await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model));

        Assert.Contains($"model.safetensors has {Weights.Length} bytes, more than the", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_server.Requests, request => request.IsFor("localhost"));
    }
}
