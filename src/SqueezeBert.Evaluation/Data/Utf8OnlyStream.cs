namespace SqueezeBert.Evaluation.Data;

/// <summary>
/// Passes bytes through that may be UTF-8 text and refuses the others, with the line: UTF-16 by its byte order mark, and NUL bytes, which
/// UTF-16 without a mark and binary files are full of. What stands before the first NUL byte still comes. Owns the stream.
/// </summary>
internal sealed class Utf8OnlyStream(Stream stream, string file) : ReadOnlyStream
{
    private const string Remedy = "save it as UTF-8 (iconv -f UTF-16 -t UTF-8 does that)";

    private long _line = 1;
    private bool _hasStarted;
    private bool _hasNul;

    /// <exception cref="DataFormatException">The next byte is NUL, or the first two are the byte order mark of UTF-16.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (_hasNul) throw Nul();
        var count = stream.Read(buffer);
        if (!_hasStarted && count > 0) count = Start(buffer, count);
        var nul = buffer[..count].IndexOf((byte)0);
        if (nul >= 0)
        {
            _hasNul = true;
            count = nul;
        }

        _line += buffer[..count].Count((byte)'\n');
        return nul == 0 ? throw Nul() : count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) stream.Dispose();
        base.Dispose(disposing);
    }

    // A pipe may give one byte at first; a mark has two.
    private int Start(Span<byte> buffer, int count)
    {
        _hasStarted = true;
        if (count == 1 && buffer.Length > 1 && buffer[0] is 0xFE or 0xFF) count += stream.Read(buffer[1..]);
        return buffer[..count] is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..]
            ? throw new DataFormatException(file, 1, $"the text is UTF-16, as its byte order mark says; {Remedy}") : count;
    }

    private DataFormatException Nul() => new(file, _line, $"there is a NUL byte: this is no text, or it is UTF-16; {Remedy}");
}
