using System.Buffers.Binary;
using SqueezeBert.Files;

namespace SqueezeBert.Training.TeacherCaches;

/// <summary>
/// Appends rows to a partial cache file, block by block. Each block is flushed to the disk, so that it survives a crash. The file gets the
/// name of the cache when it is complete. Not thread-safe.
/// </summary>
internal sealed class CacheWriter : IDisposable
{
    private readonly string _path;
    private readonly FileStream _file;
    private readonly int _width;
    private readonly byte[] _keys = new byte[CacheFile.MaxRows * TextKey.Size];
    private readonly byte[] _values;
    private long _total;
    private int _rows;

    /// <param name="path">The whole cache's; its part need not be there.</param>
    /// <param name="identity">Whose rows they are.</param>
    /// <param name="before">What the part holds already; null: nothing.</param>
    /// <exception cref="IOException">Another run is writing it, or there is no room.</exception>
    public CacheWriter(string path, CacheIdentity identity, CacheFile? before)
    {
        (_path, _width) = (path, identity.Width);
        _values = new byte[CacheFile.MaxRows * _width * sizeof(ushort)];
        _file = new FileStream(CacheFile.PartOf(path), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

        // The block at the end of a complete file is shorter than any other, and is written over: Windows does not cut a file that a run
        // has mapped.
        if (before is not { IsEnded: true }) _file.SetLength(before?.End ?? 0);
        _file.Position = before?.End ?? 0;
        if (before is null)
        {
            _file.Write(identity.ToBytes());
            _file.Flush(flushToDisk: true);
        }

        _total = before?.Offsets.Count ?? 0;
    }

    /// <summary>Adds the row of a text that is not there yet.</summary>
    /// <exception cref="InvalidOperationException">A number is beyond float16's range.</exception>
    public void Add(TextKey key, ReadOnlySpan<float> row)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_keys.AsSpan(_rows * TextKey.Size), key.Low);
        BinaryPrimitives.WriteUInt64LittleEndian(_keys.AsSpan((_rows * TextKey.Size) + 8), key.High);
        var values = _values.AsSpan(_rows * _width * sizeof(ushort));
        for (var i = 0; i < row.Length; i++)
        {
            var value = (Half)row[i];
            if (!Half.IsFinite(value))
                throw new InvalidOperationException($"the teacher gives {row[i]}, which float16 cannot hold; train without teacher_cache");
            BinaryPrimitives.WriteHalfLittleEndian(values[(i * sizeof(ushort))..], value);
        }

        if (++_rows == CacheFile.MaxRows) Flush();
    }

    /// <summary>Writes the rows so far to the disk.</summary>
    public void Flush()
    {
        if (_rows == 0) return;
        var content = new byte[CacheFile.BodySize(_rows, _width)];
        _keys.AsSpan(0, _rows * TextKey.Size).CopyTo(content);
        _values.AsSpan(0, _rows * _width * sizeof(ushort)).CopyTo(content.AsSpan(_rows * TextKey.Size));
        Write(_rows, content);
        _total += _rows;
        _rows = 0;
    }

    /// <summary>Ends the file and gives it its name.</summary>
    public void Complete()
    {
        Flush();
        var content = new byte[2 * sizeof(ulong)];
        BinaryPrimitives.WriteInt64LittleEndian(content, _total);
        Write(0, content);
        _file.Dispose();
        File.Move(CacheFile.PartOf(_path), _path, overwrite: true);
    }

    public void Dispose() => _file.Dispose();

    // The last eight bytes are the hash of the others.
    private void Write(int rows, byte[] content)
    {
        var end = content.Length - sizeof(ulong);
        BinaryPrimitives.WriteUInt64LittleEndian(content.AsSpan(end), StreamingHash.XxHash64(content.AsSpan(0, end), (ulong)rows));
        Span<byte> head = stackalloc byte[CacheFile.HeadSize];
        BinaryPrimitives.WriteInt32LittleEndian(head, rows);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], CacheFile.Mark);
        _file.Write(head);
        _file.Write(content);
        _file.Flush(flushToDisk: true);
    }
}
