using System.IO.Compression;

namespace SqueezeBert.Evaluation.Data;

/// <summary>
/// Unpacks gzip data, of any number of members, and complains where it is cut off. The platform's stream ends silently there, so a small
/// member of our own is put behind the data: only after complete data does its text come out at the end.
/// </summary>
internal sealed class GzipReader : ReadOnlyStream
{
    // Bytes that occur in no UTF-8 text.
    private static readonly byte[] EndMark = [0xFF, 0xFC, 0xF9, 0xFE, 0xFB, 0xF8, 0xFD, 0xFA];
    private static readonly byte[] EndMember = Pack(EndMark);

    private readonly GZipStream _unpacked;
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;
    private bool _ended;

    public GzipReader(ReadOnlyMemory<byte> before, Stream stream) =>
        _unpacked = new GZipStream(new SurroundedStream(before, stream, EndMember), CompressionMode.Decompress);

    /// <exception cref="InvalidDataException">The data is damaged or cut off.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty) return 0;
        while (!_ended && _end - _start <= EndMark.Length) Fill();
        var count = Math.Min(buffer.Length, _end - _start - (_ended ? 0 : EndMark.Length));
        _buffer.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _unpacked.Dispose();
        base.Dispose(disposing);
    }

    private static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(bytes);
        return packed.ToArray();
    }

    private void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        var count = _unpacked.Read(_buffer.AsSpan(_end));
        _end += count;
        if (count > 0) return;
        if (!_buffer.AsSpan(0, _end).EndsWith(EndMark)) throw new InvalidDataException("the gzip data ends early");
        _end -= EndMark.Length;
        _ended = true;
    }
}
