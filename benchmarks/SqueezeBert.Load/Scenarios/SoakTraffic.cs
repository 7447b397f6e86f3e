using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using SqueezeBert.Load.Clients;
using SqueezeBert.Load.Servers;

namespace SqueezeBert.Load.Scenarios;

/// <summary>What all kinds of clients send: one text and many, long ones, streams, mistakes; and clients that go away.</summary>
internal static class SoakTraffic
{
    /// <summary>Tokens of a text at most, but for those that are read in windows.</summary>
    private const int LongestText = 160;

    /// <summary>Kinds of requests of a model. Their names say which status they must have.</summary>
    public static IEnumerable<RequestKind> Kinds(Subject subject, ServerProcess server)
    {
        var random = new Random(2);
        var texts = Enumerable.Range(0, 256).SelectMany(_ => subject.NewTexts(random.Next(4, LongestText), 1)).ToList();
        var task = subject.IsClassifier ? "classify" : "features";
        yield return Kind("one", 40, subject.IsClassifier ? "predict" : "embed", 200, text => $$"""{"inputs": {{Json(text)}}}""");
        yield return Kind("hidden states", 2, "features", 200, text => $$"""{"text": {{Json(text)}}}""");
        yield return Kind("eight", 4, subject.IsClassifier ? task : "embed", 200, text =>
            $$"""{"inputs": [{{string.Join(',', Enumerable.Repeat(Json(text), 8))}}]}""");
        yield return Kind(
            "a long one in windows", 1, task, 200, text =>
                $$"""{"text": {{Json(string.Join(' ', texts.Take(16)) + text)}}, "long_text": "windows"}""");
        yield return Kind("a stream", 2, task, 200, text => $"{Json(text)}\n{Json(text)}\nnull\n{Json(text)}\n", "application/x-ndjson");
        yield return Kind("vectors in base64", 5, "../../v1/embeddings", 200, text =>
            $$"""{"model": "{{subject.Name}}", "input": [{{Json(text)}}, "a"], "encoding_format": "base64"}""");
        yield return Kind("tokens", 3, "tokenize", 200, text => $$"""{"inputs": {{Json(text)}}}""");
        yield return Kind("no JSON", 2, task, 400, text => $$"""{"text": {{Json(text)}}""");
        yield return Kind("a wrong type", 2, task, 422, _ => """{"text": 7}""");
        yield return Kind("too many texts", 1, "embed", 413, _ =>
            $$"""{"inputs": [{{string.Join(',', Enumerable.Repeat("\"a\"", 33))}}]}""");
        yield return Kind("no such task", 1, "sing", 404, _ => "{}");

        RequestKind Kind(
            string name, double share, string route, int status, Func<string, string> body, string type = "application/json") =>
            new($"{subject.Name}: {name}: {status}", share, [.. texts.Select(text => HttpRequest.Post(
                new Uri(server.Address, $"models/{subject.Name}/{route}"), body(text), type: type))]);
    }

    /// <summary>Clients that go in the middle of their requests or before their answers, until it is cancelled.</summary>
    /// <returns>How many there were.</returns>
    public static async Task<int> GoAwayAsync(
        Subject subject, ServerProcess server, TimeSpan interval, CancellationToken cancellationToken)
    {
        var body = $$"""{"inputs": [{{string.Join(',', subject.Texts.Take(4).Select(Json))}}]}""";
        var head = $"POST /models/{subject.Name}/features HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" +
            $"Content-Length: {body.Length}\r\n\r\n";
        var bytes = Encoding.ASCII.GetBytes(head + body);
        var count = 0;
        using var timer = new PeriodicTimer(interval);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                using var socket = new Socket(server.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(server.EndPoint, cancellationToken);
                await socket.SendAsync(count % 2 == 0 ? bytes : bytes.AsMemory(0, bytes.Length / 2), SocketFlags.None, cancellationToken);
                if (count++ % 4 < 2) await Task.Delay(5, cancellationToken);
                socket.LingerState = new LingerOption(true, 0);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }

        return count;
    }

    private static string Json(string text) => JsonSerializer.Serialize(text);
}
