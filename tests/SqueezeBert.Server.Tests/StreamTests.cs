using System.Text;
using System.Text.Json.Nodes;
using SqueezeBert.Server.Calls;
using SqueezeBert.Server.Models;

namespace SqueezeBert.Server.Tests;

/// <summary>A stream of lines is a request for as long as it is open, and work for the model only while it has lines.</summary>
public sealed class StreamTests
{
    private const string Classifier = "squeezebert-sequence-classification";

    [Fact]
    public async Task AnOpenStreamWithoutLinesIsNoWorkOfTheModel()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        using var stream = await LineClient.OpenAsync(server);
        var services = server.Service<CallServices>();
        await Wait.UntilAsync(() => Task.FromResult(services.Count == 1));
        var queue = server.Service<ServedModels>().Find("labels").Queue;
        Assert.Equal((0, 0), (queue.Requests, queue.Tokens));
        await stream.SendAsync("\"the film\"\n");
        Assert.NotNull((await stream.ReadAsync())["label"]);
        await Wait.UntilAsync(() => Task.FromResult(queue.Requests == 0));
        await stream.EndAsync();
        await Wait.UntilAsync(() => Task.FromResult(services.Count == 0));
    }

    [Fact]
    public async Task ALineWaitsWhileTheQueueOfItsModelIsFull()
    {
        await using var server = await RunningServer.StartAsync(options => options.MaxQueuedTokens = 100, [("labels", Classifier)]);
        using var stream = await LineClient.OpenAsync(server);
        var queue = server.Service<ServedModels>().Find("labels").Queue;
        queue.Enter(95);
        await stream.SendAsync($"\"{new string('a', 40)}\"\n");
        await Wait.UntilAsync(() => Task.FromResult(queue.Waiting == 1));
        Assert.Equal((1, 95), (queue.Requests, queue.Tokens));
        queue.Leave(95, hasAnswer: false);
        Assert.NotNull((await stream.ReadAsync())["label"]);
        await Wait.UntilAsync(() => Task.FromResult(queue.Requests == 0));
        Assert.Equal((0, 0), (queue.Waiting, queue.Tokens));
    }
}

/// <summary>A client that sends lines and reads their answers one by one.</summary>
internal sealed class LineClient : IDisposable
{
    private readonly RawClient _client;
    private readonly StringBuilder _received = new();

    private LineClient(RawClient client) => _client = client;

    public static async Task<LineClient> OpenAsync(RunningServer server, string path = "/models/labels/classify")
    {
        var client = new RawClient(server.Address);
        await client.SendAsync(
            $"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n");
        return new LineClient(client);
    }

    public Task SendAsync(string piece) => _client.SendAsync($"{piece.Length:x}\r\n{piece}\r\n");

    public Task EndAsync() => _client.SendAsync("0\r\n\r\n");

    /// <summary>The next answer, which is a chunk of its own.</summary>
    public async Task<JsonNode> ReadAsync()
    {
        while (true)
        {
            var text = _received.ToString();
            var start = text.IndexOf("\r\n{", StringComparison.Ordinal);
            var end = start < 0 ? -1 : text.IndexOf("\n\r\n", start, StringComparison.Ordinal);
            if (end >= 0)
            {
                _received.Remove(0, end + 1);
                return JsonNode.Parse(text[(start + 2)..end])!;
            }

            var piece = await _client.ReadAsync();
            Assert.NotEmpty(piece);
            _received.Append(piece);
        }
    }

    /// <summary>Reads until the server hangs up.</summary>
    public async Task UntilItHangsUpAsync()
    {
        while ((await _client.ReadAsync()).Length > 0)
        {
        }
    }

    public void Dispose() => _client.Dispose();
}
