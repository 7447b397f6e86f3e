using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace SqueezeBert.Load.Clients;

/// <summary>As many connections as there are requests at a time; those that are idle are used again. Thread-safe.</summary>
internal sealed class ConnectionPool(IPEndPoint server) : IDisposable
{
    private readonly ConcurrentStack<HttpConnection> _idle = new();

    /// <summary>Asks; a response with status 0 where the connection broke.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<HttpReply> AskAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        HttpConnection? connection = null;
        var isWhole = false;
        try
        {
            if (!_idle.TryPop(out connection)) connection = await HttpConnection.OpenAsync(server, cancellationToken);
            var reply = await connection.AskAsync(request, cancellationToken);
            isWhole = !connection.IsClosed;
            return reply;
        }
        catch (SocketException)
        {
            return default;
        }
        finally
        {
            if (isWhole) _idle.Push(connection!);
            else connection?.Dispose();
        }
    }

    public void Dispose()
    {
        while (_idle.TryPop(out var connection)) connection.Dispose();
    }
}
