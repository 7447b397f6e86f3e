using System.Net.Sockets;
using System.Text;

namespace SqueezeBert.Server.Tests;

/// <summary>A client that sends what no decent one does.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly TcpClient _client = new();
    private readonly NetworkStream _stream;

    public RawClient(Uri server)
    {
        _client.Connect(server.Host, server.Port);
        _stream = _client.GetStream();
    }

    public async Task SendAsync(string text) => await _stream.WriteAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>What comes at once, or until the server hangs up; "" where it has.</summary>
    public async Task<string> ReadAsync()
    {
        var bytes = new byte[1 << 16];
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            return Encoding.Latin1.GetString(bytes, 0, await _stream.ReadAsync(bytes, patience.Token));
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>Hangs up without a word.</summary>
    public void Dispose()
    {
        _client.Client.LingerState = new LingerOption(true, 0);
        _client.Dispose();
    }
}

/// <summary>Waits for what happens soon.</summary>
internal static class Wait
{
    public static async Task UntilAsync(Func<Task<bool>> isTrue)
    {
        var end = Environment.TickCount64 + 60_000;
        while (!await isTrue())
        {
            Assert.True(Environment.TickCount64 < end, "it did not happen within a minute");
            await Task.Delay(10);
        }
    }
}
