namespace SqueezeBert.Evaluation.Data;

/// <summary>The parts of a stream that a source of bytes does not have.</summary>
internal abstract class ReadOnlyStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public abstract override int Read(Span<byte> buffer);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>
/// A stream with bytes before it (those that were read to look at them: a pipe cannot seek) and behind it. Owns the stream.
/// </summary>
internal sealed class SurroundedStream(ReadOnlyMemory<byte> before, Stream stream, ReadOnlyMemory<byte> behind) : ReadOnlyStream
{
    private ReadOnlyMemory<byte> _before = before;
    private ReadOnlyMemory<byte> _behind = behind;

    public override int Read(Span<byte> buffer)
    {
        if (!_before.IsEmpty) return Take(ref _before, buffer);
        var count = stream.Read(buffer);
        return count > 0 ? count : Take(ref _behind, buffer);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) stream.Dispose();
        base.Dispose(disposing);
    }

    private static int Take(ref ReadOnlyMemory<byte> bytes, Span<byte> buffer)
    {
        var count = Math.Min(bytes.Length, buffer.Length);
        bytes.Span[..count].CopyTo(buffer);
        bytes = bytes[count..];
        return count;
    }
}
