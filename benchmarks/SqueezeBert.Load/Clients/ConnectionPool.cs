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
        while (_idle.TryPop(out var connection))
        {
            var reply = await AskAsync(connection, request, cancellationToken);

            // A server may close a connection that was idle for long, in the moment in which it is used again.
            if (reply.Status != 0) return reply;
        }

        return await AskAsync(null, request, cancellationToken);
    }

    public void Dispose()
    {
        while (_idle.TryPop(out var connection)) connection.Dispose();
    }

    private async Task<HttpReply> AskAsync(HttpConnection? connection, HttpRequest request, CancellationToken cancellationToken)
    {
        var isWhole = false;
        try
        {
            connection ??= await HttpConnection.OpenAsync(server, cancellationToken);
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
}
