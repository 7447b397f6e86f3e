using System.Text;
using System.Text.Json.Nodes;

namespace SqueezeBert.Server.Tests;

/// <summary>Answers one by one: Server-Sent Events and lines, of streams and of lists.</summary>
public sealed class AnswerStreamTests
{
    private const string Classifier = "squeezebert-sequence-classification";
    private const string Path = "/models/labels/classify";
    private const string Items = """{"inputs": ["the film", null, {"text": "was good"}], "top": 1}""";

    [Fact]
    public async Task AListIsAnsweredInEvents()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        var whole = (await server.PostAsync(Path, Items)).Is(200);
        var reply = await server.PostAsync(Path, Items, ("Accept", "text/event-stream"));
        Assert.Equal((200, "text/event-stream"), (reply.Status, reply.Type));
        Assert.Equal("no-store", reply.Headers["Cache-Control"]);
        Assert.DoesNotContain("ETag", reply.Headers.Keys);
        var events = Events(reply.Body);
        Assert.Equal(["0", "1", "2", null], events.Select(item => item.Id));
        Assert.Equal([null, null, null, "end"], events.Select(item => item.Type));
        for (var i = 0; i < 3; i++) Assert.Equal(whole["results"]![i]!.ToJsonString(), events[i].Data.ToJsonString());
        foreach (var total in (string[])["token_count", "characters_read", "truncated_texts"])
            Assert.Equal((int)whole[total]!, (int)events[3].Data[total]!);
    }

    [Fact]
    public async Task AListIsAnsweredInLines()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        var whole = (await server.PostAsync(Path, Items)).Is(200);
        var reply = await server.PostAsync(Path, Items, ("Accept", "application/x-ndjson"));
        Assert.Equal("application/x-ndjson", reply.Type);
        Assert.Equal(
            whole["results"]!.AsArray().Select(result => result!.ToJsonString()),
            reply.Body.TrimEnd('\n').Split('\n').Select(line => JsonNode.Parse(line)!.ToJsonString()));
    }

    /// <summary>The first event is there while the client has not sent its second line.</summary>
    [Fact]
    public async Task AStreamOfLinesIsAnsweredInEvents()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        using var client = new RawClient(server.Address);
        await client.SendAsync(
            $"POST {Path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\nAccept: text/event-stream\r\n" +
            "Transfer-Encoding: chunked\r\n\r\nb\r\n\"the film\"\n\r\n");
        var received = new StringBuilder();
        await ReceiveAsync("id: 0\ndata: {\"label\":");
        await client.SendAsync("5\r\nnull\n\r\n0\r\n\r\n");
        await ReceiveAsync("event: end\ndata: {\"token_count\":");
        Assert.Contains("id: 1\ndata: {\"error\":", received.ToString(), StringComparison.Ordinal);

        async Task ReceiveAsync(string text)
        {
            while (!received.ToString().Contains(text, StringComparison.Ordinal))
            {
                var piece = await client.ReadAsync();
                Assert.NotEmpty(piece);
                received.Append(piece);
            }
        }
    }

    [Fact]
    public async Task ARequestThatIsRefusedIsNoStream()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        var events = ("Accept", "text/event-stream");
        (await server.PostAsync(Path, """{"inputs": []}""", events)).IsProblem(400, "empty");
        (await server.PostAsync(Path, """{"inputs": ["a"], "topp": 1}""", events)).IsProblem(422, "invalid");

        // One item is one answer, as it is without events.
        Assert.Equal("application/json", (await server.PostAsync(Path, """{"text": "a"}""", events)).Type);
        Assert.Equal(0, server.Service<Calls.CallServices>().Count);
    }

    private static List<(string? Id, string? Type, JsonNode Data)> Events(string body) =>
        [.. body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(block =>
        {
            var fields = block.Split('\n').Select(line => line.Split(": ", 2)).ToDictionary(field => field[0], field => field[1]);
            return (fields.GetValueOrDefault("id"), fields.GetValueOrDefault("event"), JsonNode.Parse(fields["data"])!);
        })];
}
