using System.Buffers;
using System.IO.Pipelines;

namespace SqueezeBert.Server.Requests;

/// <summary>
/// Reads the lines of a stream from an untrusted client. Each line has the limits of a body: its size, and one time for all of it, which a
/// part of a line does not renew. Not thread-safe.
/// </summary>
/// <param name="reader">The body.</param>
/// <param name="options">The limits.</param>
internal sealed class LineReader(PipeReader reader, SqueezeBertServerOptions options)
{
    /// <summary>Whether the body has ended.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>Reads the next line, without its end.</summary>
    /// <returns>The line, empty also at the end of the body; null if the line is larger than is taken. It is then skipped.</returns>
    /// <exception cref="RequestException">The line did not come in time.</exception>
    public async Task<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(options.BodyTimeout);
        try
        {
            return await ReadWithoutTimeoutAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RequestException(
                Fault.Slow, $"the next line did not come in {options.BodyTimeout.TotalSeconds:0} seconds (BodyTimeout)");
        }
    }

    private async Task<byte[]?> ReadWithoutTimeoutAsync(CancellationToken cancellationToken)
    {
        var isTooLarge = false;
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            var buffer = result.Buffer;
            if (buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = Line(buffer.Slice(0, end), isTooLarge);
                reader.AdvanceTo(buffer.GetPosition(1, end));
                return line;
            }

            if (result.IsCompleted)
            {
                var line = Line(buffer, isTooLarge);
                reader.AdvanceTo(buffer.End);
                IsAtEnd = true;
                return line;
            }

            // What is too large anyway is not kept.
            isTooLarge |= buffer.Length > options.MaxBodyBytes;
            reader.AdvanceTo(isTooLarge ? buffer.End : buffer.Start, buffer.End);
        }
    }

    private byte[]? Line(ReadOnlySequence<byte> bytes, bool isTooLarge)
    {
        if (isTooLarge || bytes.Length > options.MaxBodyBytes) return null;
        var line = bytes.ToArray();
        return line is [.., (byte)'\r'] ? line[..^1] : line;
    }
}
