using Microsoft.Win32.SafeHandles;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Files;

/// <summary>The bytes of a model file, for reads at any position by several threads.</summary>
internal abstract class ByteSource(string name, long length) : IDisposable
{
    /// <summary>The name of the file in messages.</summary>
    public string Name => name;

    /// <summary>The number of bytes when the file was opened.</summary>
    public long Length => length;

    /// <summary>
    /// Opens a file. If the file shrinks while it is open, reading throws an exception, whereas a memory map would end the process.
    /// </summary>
    public static ByteSource Open(string path)
    {
        RegularFile.Check(path);
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.RandomAccess);
            return new FileBytes(path, handle);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            handle?.Dispose();
            throw new InvalidModelFileException(path, null, $"cannot be opened: {FileProblem.Of(e)}", e, FileProblem.KindOf(e));
        }
    }

    /// <summary>Creates a source for a file that is already in memory.</summary>
    public static ByteSource InMemory(string name, ReadOnlyMemory<byte> bytes) => new MemoryBytes(name, bytes);

    /// <summary>Fills the destination from an offset. The range must be inside the file.</summary>
    /// <exception cref="InvalidModelFileException">The file cannot be read or has become shorter.</exception>
    public abstract void Read(string? item, long offset, Span<byte> destination);

    /// <summary>Reads a range into an array. The caller has compared the range with <see cref="Length"/>.</summary>
    public byte[] ReadArray(long offset, int count)
    {
        var bytes = new byte[count];
        Read(null, offset, bytes);
        return bytes;
    }

    public virtual void Dispose()
    {
    }

    private sealed class FileBytes(string path, SafeFileHandle handle) : ByteSource(path, RandomAccess.GetLength(handle))
    {
        public override void Read(string? item, long offset, Span<byte> destination)
        {
            while (destination.Length > 0)
            {
                int count;
                try
                {
                    count = RandomAccess.Read(handle, destination, offset);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    throw new InvalidModelFileException(Name, item, $"cannot be read: {e.Message}", e);
                }

                if (count == 0)
                    throw new InvalidModelFileException(Name, item, "the file ends too early; it became shorter after it was opened");
                destination = destination[count..];
                offset += count;
            }
        }

        public override void Dispose() => handle.Dispose();
    }

    private sealed class MemoryBytes(string name, ReadOnlyMemory<byte> bytes) : ByteSource(name, bytes.Length)
    {
        public override void Read(string? item, long offset, Span<byte> destination) =>
            bytes.Span.Slice((int)offset, destination.Length).CopyTo(destination);
    }
}
