using System.Text;

namespace SqueezeBert.Evaluation.Data;

/// <summary>
/// Lines of UTF-8 text from a stream, ended by LF or CR LF; a byte order mark at the start is skipped. No other character ends a line.
/// Holds one line of bounded length.
/// </summary>
internal sealed class LineReader(Stream stream, string file, int maximumBytes, bool replaceInvalid = false) : IDisposable
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private byte[] _buffer = new byte[Math.Min(maximumBytes, 1 << 16) + 2];
    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>The line that was read last, counted from 1; 0 before the first.</summary>
    public long Line { get; private set; }

    /// <summary>How the line that was read last ended: "\n", "\r\n", or "" at the end of the file.</summary>
    public string Terminator { get; private set; } = "";

    /// <summary>The next line without its end; null after the last.</summary>
    public string? Read()
    {
        var searched = 0;
        while (true)
        {
            var newline = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (newline >= 0) return Take(searched + newline, ended: false);
            searched = _end - _start;
            if (_ended) return searched == 0 ? null : Take(searched, ended: true);
            // One byte more than the text: a line of the greatest length may end in CR LF.
            if (searched > maximumBytes + 1) throw TooLong(Line + 1);
            Fill();
        }
    }

    public DataFormatException TooLong(long line) => new(
        file, line, $"the row is longer than {maximumBytes} bytes: is a line end or a closing quote missing?");

    public void Dispose() => stream.Dispose();

    private string Take(int length, bool ended)
    {
        Line++;
        var bytes = _buffer.AsSpan(_start, length);
        Terminator = ended ? "" : "\n";
        _start += ended ? length : length + 1;
        if (bytes.EndsWith("\r"u8))
        {
            bytes = bytes[..^1];
            Terminator = $"\r{Terminator}";
        }

        if (Line == 1 && bytes.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        if (bytes.Length > maximumBytes) throw TooLong(Line);
        try
        {
            return (replaceInvalid ? Encoding.UTF8 : StrictUtf8).GetString(bytes);
        }
        catch (DecoderFallbackException exception)
        {
            throw new DataFormatException(file, Line, "the text is not valid UTF-8", exception);
        }
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length) Array.Resize(ref _buffer, (int)Math.Min(_buffer.Length * 2L, maximumBytes + 3L));
        int count;
        try
        {
            count = stream.Read(_buffer.AsSpan(_end));
        }
        catch (InvalidDataException exception)
        {
            throw new DataFormatException(file, Line + 1, "the compressed data is damaged or cut off", exception);
        }

        _ended = count == 0;
        _end += count;
    }
}
