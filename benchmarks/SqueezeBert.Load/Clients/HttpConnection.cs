using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SqueezeBert.Load.Clients;

/// <summary>What is looked at of a response.</summary>
/// <param name="Status">Its status; 0 where there was no whole response.</param>
/// <param name="HasRetryAfter">Whether it says when to come again.</param>
internal readonly record struct HttpReply(int Status, bool HasRetryAfter);

/// <summary>
/// A connection for one request at a time, which looks at no more of a response than it must: client and server share the cores, and what
/// the client takes of them the server has not. Not thread-safe.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private static readonly byte[] LastChunk = "\r\n0\r\n\r\n"u8.ToArray();

    private readonly Socket _socket;
    private byte[] _buffer = new byte[1 << 14];

    private HttpConnection(Socket socket) => _socket = socket;

    /// <summary>Whether the server has closed it, or said that it will.</summary>
    public bool IsClosed { get; private set; }

    /// <exception cref="SocketException">Nobody listens there.</exception>
    public static async Task<HttpConnection> OpenAsync(IPEndPoint server, CancellationToken cancellationToken)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server, cancellationToken);
            return new HttpConnection(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a request and reads the whole response.</summary>
    /// <exception cref="SocketException">The connection broke.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the connection is of no use any more.</exception>
    public async Task<HttpReply> AskAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        for (var sent = 0; sent < request.Bytes.Length;)
            sent += await _socket.SendAsync(request.Bytes[sent..], SocketFlags.None, cancellationToken);
        var filled = 0;
        while (true)
        {
            if (filled == _buffer.Length) Array.Resize(ref _buffer, 2 * _buffer.Length);
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(filled), SocketFlags.None, cancellationToken);
            if (read == 0)
            {
                IsClosed = true;
                return default;
            }

            filled += read;
            if (Parse(_buffer.AsSpan(0, filled)) is { } reply) return reply;
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>The response; null where it is not whole yet.</summary>
    private HttpReply? Parse(ReadOnlySpan<byte> response)
    {
        var end = response.IndexOf("\r\n\r\n"u8);
        if (end < 0) return null;
        var head = Encoding.ASCII.GetString(response[..end]);
        if (Header(head, "Content-Length") is { } length)
        {
            if (response.Length < end + 4 + int.Parse(length, System.Globalization.CultureInfo.InvariantCulture)) return null;
        }
        else if (!response[(end + 2)..].EndsWith(LastChunk))
        {
            // JSON has no line ends of its own, so the last chunk is found without following all of them.
            return null;
        }

        IsClosed |= Header(head, "Connection") == "close";
        return new HttpReply(int.Parse(head.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture),
            Header(head, "Retry-After") is not null);
    }

    private static string? Header(string head, string name)
    {
        var start = head.IndexOf($"\r\n{name}: ", StringComparison.OrdinalIgnoreCase);
        if (start < 0) return null;
        start += name.Length + 4;
        var end = head.IndexOf('\r', start);
        return end < 0 ? head[start..] : head[start..end];
    }
}
