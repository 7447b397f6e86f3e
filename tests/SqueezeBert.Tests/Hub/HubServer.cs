using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace SqueezeBert.Tests.Hub;

/// <summary>
/// A real HTTP server on loopback with the hub's routes: the list of files, small files from the endpoint (127.0.0.1), large ones by a
/// redirect to another host (localhost). A test may put its own answer in place of any.
/// </summary>
internal sealed class HubServer : IDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public HubServer()
    {
        _listener.Start();
        _loop = Task.Run(AcceptAsync);
    }

    public sealed record Request(string Method, string Path, IReadOnlyDictionary<string, string> Headers)
    {
        public string? Range => Headers.GetValueOrDefault("range");

        public bool IsFor(string host) => Headers["host"].StartsWith(host, StringComparison.Ordinal);
    }

    /// <param name="Status">Code and text.</param>
    /// <param name="Headers">Beside Connection; Content-Length is the body's unless it is given. An empty one is left out.</param>
    /// <param name="Body">Sent as it is, whatever the headers say.</param>
    public sealed record Reply(string Status, Dictionary<string, string> Headers, byte[] Body)
    {
        /// <summary>Whether the body comes a byte at a time, twenty a second.</summary>
        public bool IsSlow { get; init; }

        public static Reply Of(string status, byte[] body, params (string Name, string Value)[] headers) =>
            new(status, headers.ToDictionary(header => header.Name, header => header.Value), body);
    }

    public string Id { get; init; } = "owner/name";

    /// <summary>The model's files; those of <see cref="LargeFrom"/> bytes on are large.</summary>
    public Dictionary<string, byte[]> Files { get; } = [];

    public int LargeFrom { get; init; } = 1000;

    /// <summary>A test's own answer; null: the hub's.</summary>
    public Func<Request, Reply?> Intercept { get; set; } = _ => null;

    public ConcurrentQueue<Request> Requests { get; } = new();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Uri Endpoint => new($"http://127.0.0.1:{Port}");

    public IEnumerable<Request> Downloads =>
        Requests.Where(request => request.Method == "GET" && !request.Path.StartsWith("/api/", StringComparison.Ordinal));

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static string GitHash(byte[] bytes) =>
        Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {bytes.Length}\0"), .. bytes]));

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        _loop.Wait(TimeSpan.FromSeconds(30));
    }

    /// <summary>The hub's own answer.</summary>
    public Reply Answer(Request request)
    {
        if (request.Path == $"/api/models/{Id}/revision/main?blobs=true") return List();
        var prefix = $"/{Id}/resolve/{Commit}/";
        if (request.Path.StartsWith(prefix, StringComparison.Ordinal) && Files.TryGetValue(request.Path[prefix.Length..], out var file))
        {
            return file.Length < LargeFrom
                ? Content(request, file, ("ETag", $"\"{GitHash(file)}\""), ("X-Repo-Commit", Commit))
                : Reply.Of(
                    "302 Found",
                    [],
                    ("Location", $"http://localhost:{Port}/cdn/{Sha256(file)}?signature=secret"),
                    ("X-Repo-Commit", Commit),
                    ("X-Linked-Etag", $"\"{Sha256(file)}\""),
                    ("X-Linked-Size", file.Length.ToString(CultureInfo.InvariantCulture)),
                    ("ETag", "\"of-the-redirect\""));
        }

        if (request.Path.StartsWith("/cdn/", StringComparison.Ordinal)
            && Files.Values.FirstOrDefault(bytes => request.Path.Contains(Sha256(bytes), StringComparison.Ordinal)) is { } large)
            return Content(request, large, ("ETag", "\"an-etag-of-the-network\""));
        return Reply.Of("404 Not Found", [],
            ("X-Error-Code", request.Path.StartsWith(prefix, StringComparison.Ordinal) ? "EntryNotFound" : "RepoNotFound"));
    }

    private static Reply Content(Request request, byte[] bytes, params (string Name, string Value)[] headers)
    {
        if (request.Range is not { } range) return Reply.Of("200 OK", bytes, headers);
        var from = int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
        return from >= bytes.Length
            ? Reply.Of("416 Range Not Satisfiable", [])
            : Reply.Of("206 Partial Content", bytes[from..],
                [.. headers, ("Content-Range", $"bytes {from}-{bytes.Length - 1}/{bytes.Length}")]);
    }

    private Reply List()
    {
        var siblings = new JsonArray();
        foreach (var (name, bytes) in Files)
        {
            var item = new JsonObject { ["rfilename"] = name, ["size"] = bytes.Length, ["blobId"] = GitHash(bytes) };
            if (bytes.Length >= LargeFrom)
                item["lfs"] = new JsonObject { ["sha256"] = Sha256(bytes), ["size"] = bytes.Length, ["pointerSize"] = 134 };
            siblings.Add(item);
        }

        return Reply.Of(
            "200 OK", Encoding.UTF8.GetBytes(new JsonObject { ["id"] = Id, ["sha"] = Commit, ["siblings"] = siblings }.ToJsonString()));
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync(_stop.Token);
            }
            // A listener that stops between two calls refuses the next with InvalidOperationException, of which ObjectDisposedException
            // is one kind.
            catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
            {
                return;
            }

            _ = Task.Run(() => ServeAsync(client));
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                if (await ReadAsync(stream) is not { } request) return;
                Requests.Enqueue(request);
                var reply = Intercept(request) ?? Answer(request);
                var head = new StringBuilder($"HTTP/1.1 {reply.Status}\r\nConnection: close\r\n");
                foreach (var (name, value) in reply.Headers.Where(header => header.Value.Length > 0)) head.Append(
                    CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
                if (!reply.Headers.ContainsKey("Content-Length"))
                    head.Append(CultureInfo.InvariantCulture, $"Content-Length: {reply.Body.Length}\r\n");
                await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()));
                if (request.Method == "HEAD") return;
                for (var i = 0; reply.IsSlow && i < reply.Body.Length && !_stop.IsCancellationRequested; i++)
                {
                    await stream.WriteAsync(reply.Body.AsMemory(i, 1));
                    await Task.Delay(50, _stop.Token);
                }

                if (!reply.IsSlow) await stream.WriteAsync(reply.Body);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The client has gone, or the test has ended.
            }
        }
    }

    private static async Task<Request?> ReadAsync(NetworkStream stream)
    {
        var bytes = new List<byte>();
        var one = new byte[1];
        while (bytes.Count < 65_536 && !(bytes.Count >= 4 && bytes[^1] == '\n' && bytes[^2] == '\r' && bytes[^3] == '\n'))
        {
            if (await stream.ReadAsync(one) == 0) return null;
            bytes.Add(one[0]);
        }

        var lines = Encoding.ASCII.GetString([.. bytes]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var parts = lines[0].Split(' ');
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0].ToLowerInvariant(), pair => pair[1]);
        return new Request(parts[0], parts[1], headers);
    }
}
