using SqueezeBert.Files;

namespace SqueezeBert.ModelFolders.Onnx.Format;

/// <summary>A window into a file, which is moved to the byte that is requested.</summary>
internal sealed class ProtobufBuffer(ByteSource source)
{
    private readonly byte[] _window = new byte[Math.Min(source.Length, 1 << 13)];
    private long _start;
    private int _count;

    public ByteSource Source => source;

    public byte ByteAt(long position)
    {
        if (position < _start || position >= _start + _count)
        {
            _start = position;
            _count = (int)Math.Min(_window.Length, source.Length - position);
            source.Read(null, position, _window.AsSpan(0, _count));
        }

        return _window[(int)(position - _start)];
    }
}
