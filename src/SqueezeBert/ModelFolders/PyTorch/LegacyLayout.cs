using System.Buffers.Binary;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.ModelFolders.PyTorch;

/// <summary>
/// The layout before PyTorch 1.6. It has five consecutive pickles: a magic number, the protocol, the properties of the machine, the object,
/// and the keys of the storages. Then, for each key, a 64-bit number of elements and the elements follow.
/// </summary>
internal static class LegacyLayout
{
    private const int Protocol = 1001;

    /// <summary>Returns the pickled object and the offset of each storage in the file.</summary>
    public static (object? Root, IReadOnlyDictionary<string, long> StorageStarts) Read(ByteSource source)
    {
        // The pickles' length is written nowhere.
        var reader = new PickleReader(source.Name, source.ReadArray(0, (int)Math.Min(source.Length, PickleReader.MaxPickleLength)));
        if (reader.Read() is not PickleGlobal.LegacyMagic) throw Error(null, "is a pickle, but not a PyTorch checkpoint");
        if (reader.Read() is not (long)Protocol)
            throw Error(null, "is a PyTorch checkpoint of a protocol that is not supported; save it again");
        if (reader.Read() is not PickleDictionary machine) throw Error(null, "does not say what machine it was saved on");
        if (machine.Items.Any(item => item is ("little_endian", false)))
            throw Error(null, "was saved on a big-endian machine; save it on a little-endian one");
        var root = reader.Read();
        var storages = reader.Storages;
        if (reader.Read() is not List<object?> keys) throw Error(null, "has no list of its storages");
        if (keys.Count != storages.Count) throw Error(null, $"lists {keys.Count} storages and uses {storages.Count}");
        var starts = new Dictionary<string, long>(StringComparer.Ordinal);
        long position = reader.Position;
        Span<byte> countBytes = stackalloc byte[sizeof(long)];
        foreach (var item in keys)
        {
            if (item is not string key || !storages.TryGetValue(key, out var storage))
                throw Error(null, "lists a storage that it does not use");
            if (source.Length - position < sizeof(long)) throw Error(key, "lies after the end of the file; the file is truncated");
            source.Read(key, position, countBytes);
            position += sizeof(long);
            var count = BinaryPrimitives.ReadInt64LittleEndian(countBytes);
            if (count != storage.Count) throw Error(key, $"has {count} elements here and {storage.Count} in the pickle");
            if (storage.ByteCount > source.Length - position) throw Error(key, "ends after the file; the file is truncated");
            if (!starts.TryAdd(key, position)) throw Error(key, "is listed twice");
            position += storage.ByteCount;
        }

        if (position != source.Length) throw Error(null, $"has {source.Length - position} bytes after the last storage");
        return (root, starts);

        InvalidModelFileException Error(string? key, string reason) => new(source.Name, key is null ? null : $"storage '{key}'", reason);
    }
}
