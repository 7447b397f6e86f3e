using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.Retrieval;

/// <summary>
/// A file that is mapped into the address space of the process. Its pages are read from disk when they are accessed and dropped when memory
/// is short. If another program shortens the file meanwhile, the process ends. An index is therefore replaced by renaming, which keeps the
/// mapped file.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    private MappedFile(MemoryMappedFile file, MemoryMappedViewAccessor view)
    {
        (_file, _view) = (file, view);
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        Pointer = pointer + view.PointerOffset;
    }

    /// <summary>The first byte.</summary>
    public byte* Pointer { get; }

    /// <summary>Maps an index.</summary>
    /// <exception cref="InvalidModelFileException">The file is not an index, is damaged, or cannot be mapped.</exception>
    public static (MappedFile File, VectorIndexHeader Header) Open(string path)
    {
        RegularFile.Check(path);
        MemoryMappedFile? file = null;
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            Span<byte> bytes = stackalloc byte[VectorIndexHeader.Size];
            var header = VectorIndexHeader.Read(path, bytes[..Fill(handle, bytes)], RandomAccess.GetLength(handle));
            file = MemoryMappedFile.CreateFromFile(
                handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            return (new MappedFile(file, file.CreateViewAccessor(0, header.FileBytes, MemoryMappedFileAccess.Read)), header);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            file?.Dispose();
            throw new InvalidModelFileException(path, null, $"cannot be opened: {FileProblem.Of(e)}", e, FileProblem.KindOf(e));
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private static int Fill(SafeFileHandle handle, Span<byte> bytes)
    {
        var filled = 0;
        while (filled < bytes.Length && RandomAccess.Read(handle, bytes[filled..], filled) is > 0 and var count) filled += count;
        return filled;
    }
}
