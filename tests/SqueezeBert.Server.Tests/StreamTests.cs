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

    [Fact]
    public async Task ALineThatIsTooLargeHasItsErrorBesideTheAnswersOfTheOthers()
    {
        await using var server = await RunningServer.StartAsync(options => options.MaxBodyBytes = 1000, [("labels", Classifier)]);
        using var stream = await LineClient.OpenAsync(server);
        await stream.SendAsync("\"the film\"\n");
        var answer = (await stream.ReadAsync()).ToJsonString();
        await stream.SendAsync($"\"{new string('a', 999)}\"\n\"the film\"\n\"");
        for (var piece = 0; piece < 100; piece++) await stream.SendAsync(new string('a', 60_000));
        await stream.SendAsync("\"\n\"the film\"");
        await stream.EndAsync();
        foreach (var isTooLarge in (bool[])[true, false, true, false])
        {
            var reply = await stream.ReadAsync();
            if (!isTooLarge)
            {
                Assert.Equal(answer, reply.ToJsonString());
                continue;
            }

            Assert.Equal((413, "too_large"), ((int)reply["error"]!["status"]!, (string)reply["error"]!["code"]!));
            Assert.Contains("1000 bytes that are taken (MaxBodyBytes)", (string)reply["error"]!["detail"]!, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task PartsOfALineDoNotRenewItsTime()
    {
        await using var server = await RunningServer.StartAsync(
            options => options.BodyTimeout = TimeSpan.FromSeconds(1), [("labels", Classifier)]);
        using var stream = await LineClient.OpenAsync(server);
        var end = stream.UntilItHangsUpAsync();
        var sent = 0;
        try
        {
            for (; sent < 1500 && !end.IsCompleted; sent++)
            {
                await stream.SendAsync("a");
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }
        catch (IOException)
        {
            // The server has hung up already.
        }

        Assert.True(sent < 1500, "a line of single bytes keeps its stream open");
        await end;
        await Wait.UntilAsync(() => Task.FromResult(server.Service<CallServices>().Count == 0));
        var metrics = server.Service<CallServices>().Metrics.ToString();
        Assert.Contains("te_request_failure{err=\"slow\"} 1\n", metrics, StringComparison.Ordinal);
    }
}

/// <summary>A client that sends lines and reads their answers one by one.</summary>
internal sealed class LineClient : IDisposable
{
    private readonly RawClient _client;
    private readonly StringBuilder _received = new();
    private int _read;

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

    /// <summary>The next answer.</summary>
    public async Task<JsonNode> ReadAsync()
    {
        while (true)
        {
            var body = Body();
            if (body.IndexOf('\n', _read) is var end and >= 0)
            {
                var line = body[_read..end];
                _read = end + 1;
                return JsonNode.Parse(line)!;
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

    /// <summary>What has come of the body: the whole chunks behind the headers.</summary>
    private string Body()
    {
        var (text, body) = (_received.ToString(), new StringBuilder());
        var start = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        while (start >= 4 && text.IndexOf("\r\n", start, StringComparison.Ordinal) is var end and >= 0)
        {
            var length = Convert.ToInt32(text[start..end], 16);
            if (length == 0 || end + 4 + length > text.Length) break;
            body.Append(text, end + 2, length);
            start = end + 4 + length;
        }

        return body.ToString();
    }
}
