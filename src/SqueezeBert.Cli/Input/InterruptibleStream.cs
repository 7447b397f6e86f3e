using SqueezeBert.Evaluation.Data;

namespace SqueezeBert.Cli.Input;

/// <summary>
/// Standard input that Ctrl-C gets a reader out of: a read that waits for bytes cannot be cancelled, so it waits on a thread of the pool,
/// which is left behind.
/// </summary>
internal sealed class InterruptibleStream(Stream stream, CancellationToken cancellationToken) : ReadOnlyStream
{
    // The read that was left behind writes here, not into its reader's memory.
    private readonly byte[] _bytes = new byte[1 << 16];

    public override int Read(Span<byte> buffer)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var wanted = Math.Min(buffer.Length, _bytes.Length);
        var reading = Task.Run(() => stream.Read(_bytes, 0, wanted), CancellationToken.None);
        try
        {
            reading.Wait(cancellationToken);
        }
        catch (AggregateException)
        {
            // Thrown below as what it is.
        }

        var count = reading.GetAwaiter().GetResult();
        _bytes.AsSpan(0, count).CopyTo(buffer);
        return count;
    }
}
