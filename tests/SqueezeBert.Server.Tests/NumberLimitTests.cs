using System.Text;
using System.Text.Json.Nodes;
using SqueezeBert.Server.Models;

namespace SqueezeBert.Server.Tests;

/// <summary>A short request does not get an answer of gigabytes: what an answer would have is counted before it is computed.</summary>
public sealed class NumberLimitTests
{
    private const string Encoder = "squeezebert-encoder";

    /// <summary>A hidden state has 48 components, and there are two special tokens.</summary>
    [Fact]
    public async Task HiddenStatesAreOnlySoMany()
    {
        await using var server = await RunningServer.StartAsync(options => options.MaxNumbers = 20 * 48, [("vectors", Encoder)]);
        foreach (var (path, name) in ((string, string)[])[("/models/vectors/features", "text"), ("/embed_all", "inputs")])
        {
            (await server.PostAsync(path, $$"""{"{{name}}": "{{Films(18)}}", "long_text": "windows"}""")).Is(200);
            var reply = await server.PostAsync(path, $$"""{"{{name}}": "{{Films(19)}}", "long_text": "windows"}""");
            Assert.Contains("21 tokens of 48 components; 960 numbers are given (MaxNumbers)", Is413(reply), StringComparison.Ordinal);

            // All texts of a request count, and of each what is read.
            reply = await server.PostAsync(path, $$"""{"inputs": ["{{Films(10)}}", "{{Films(10)}}"]}""");
            Assert.Contains("24 tokens", Is413(reply), StringComparison.Ordinal);
        }

        (await server.PostAsync("/models/vectors/features", $$"""{"text": "{{Films(1000)}}", "max_length": 20}""")).Is(200);

        // In a stream, a line is limited as a request is.
        var lines = await server.PostAsync("/models/vectors/features", new StringContent(
            $"\"{Films(39)}\"\n\"{Films(18)}\"\n\"{Films(18)}\"", Encoding.UTF8, "application/x-ndjson"));
        var answers = lines.Body.TrimEnd('\n').Split('\n').Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal("too_large", (string)answers[0]["error"]!["code"]!);
        Assert.All(answers[1..], answer => Assert.Equal(20, answer["tokens"]!.AsArray().Count));
        Assert.Equal(0, server.Service<Calls.CallServices>().Count);

        static string Is413(Reply reply) => (string)(reply.Is(413)["detail"] ?? reply.Json["error"])!;
    }

    /// <summary>A client that does not read makes the server keep no more than one answer may have.</summary>
    [Fact]
    public async Task LinesInFlightAreOnlySoManyNumbers()
    {
        await using var server = await RunningServer.StartAsync(
            options => (options.MaxNumbers, options.MaxQueuedTokens) = (120 * 48, 1000), [("vectors", Encoder)]);
        using var stream = await LineClient.OpenAsync(server, "/models/vectors/features");
        var queue = server.Service<ServedModels>().Find("vectors").Queue;
        queue.Enter(1000);
        await stream.SendAsync(string.Concat(Enumerable.Repeat($"\"{Films(18)}\"\n", 5)));
        await stream.EndAsync();

        // 40 tokens are read of each, so there is room for three.
        await Wait.UntilAsync(() => Task.FromResult(queue.Waiting == 3));
        await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.Equal(3, queue.Waiting);
        queue.Leave(1000, hasAnswer: false);
        for (var line = 0; line < 5; line++) Assert.Equal(20, (await stream.ReadAsync())["tokens"]!.AsArray().Count);
    }

    [Fact]
    public async Task ScoresOfMasksAreOnlySoMany()
    {
        await using var server = await RunningServer.StartAsync(
            options => options.MaxNumbers = 100, [("filler", "squeezebert-masked-lm")]);
        const string Path = "/models/filler/fill";
        (await server.PostAsync(Path, """{"inputs": ["[MASK] film", "a [MASK]"], "top": 50}""")).Is(200);
        var error = (await server.PostAsync(Path, """{"inputs": ["[MASK] film", "a [MASK]"], "top": 51}""")).IsProblem(413, "too_large");
        Assert.Contains("2 masks of 51 scores; 100 numbers are given (MaxNumbers)", error, StringComparison.Ordinal);
        (await server.PostAsync(Path, """{"text": "[MASK][MASK][MASK]", "top": 34}""")).IsProblem(413, "too_large");
        (await server.PostAsync(Path, """{"text": "[MASK][MASK][MASK]", "targets": ["film", "good"]}""")).Is(200);

        // What is not read has no scores.
        var masks = string.Concat(Enumerable.Repeat("[MASK] ", 1000));
        (await server.PostAsync(Path, $$"""{"text": "{{masks}}", "top": 2}""")).Is(200);
    }

    private static string Films(int count) => string.Join(' ', Enumerable.Repeat("film", count));
}
