using System.Globalization;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.ModelFolders.PyTorch;

/// <summary>The layout since PyTorch 1.6: a zip archive with NAME/data.pkl and one entry NAME/data/KEY per storage.</summary>
internal static class ZipLayout
{
    /// <summary>Returns the pickled object and the offset of each storage in the file.</summary>
    public static (object? Root, IReadOnlyDictionary<string, long> StorageStarts) Read(ByteSource source)
    {
        var zip = new StoredZip(source);
        string? root = null;
        foreach (var name in zip.Entries.Keys)
        {
            var slash = name.IndexOf('/', StringComparison.Ordinal);
            var inner = name.AsSpan(slash + 1);
            if (slash > 0 && inner is "constants.pkl")
                throw new InvalidModelFileException(
                    source.Name, name, "belongs to a TorchScript program, not to a checkpoint; save model.state_dict()");
            if (slash <= 0 || inner is not "data.pkl") continue;
            if (root is not null) throw new InvalidModelFileException(source.Name, name, "is a second data.pkl");
            root = name[..(slash + 1)];
        }

        if (root is null)
            throw new InvalidModelFileException(source.Name, null, "is a zip archive without NAME/data.pkl, so not a PyTorch checkpoint");
        if (zip.Entries.TryGetValue(root + "byteorder", out var order)
            && !source.ReadArray(order.Offset, (int)Math.Min(order.Length, 16)).AsSpan().SequenceEqual("little"u8))
            throw new InvalidModelFileException(source.Name, root + "byteorder",
                "is not 'little'; save the model on a little-endian machine");
        var reader = new PickleReader(source.Name, Pickle(source, root + "data.pkl", zip.Entries[root + "data.pkl"]));
        var value = reader.Read();
        if (reader.Position != zip.Entries[root + "data.pkl"].Length)
            throw new InvalidModelFileException(source.Name, root + "data.pkl", "has something after the pickle");
        return (value, Storages(source, zip, root, reader));
    }

    private static byte[] Pickle(ByteSource source, string name, StoredZip.Entry entry)
    {
        if (entry.Length > PickleReader.MaxPickleLength)
            throw new InvalidModelFileException(source.Name, name,
                $"has {entry.Length} bytes, more than the {PickleReader.MaxPickleLength} allowed");
        var bytes = source.ReadArray(entry.Offset, (int)entry.Length);
        return Crc32.Of(bytes) == entry.Crc ? bytes
            : throw new InvalidModelFileException(source.Name, name, "has the wrong checksum; the file is damaged");
    }

    private static Dictionary<string, long> Storages(ByteSource source, StoredZip zip, string root, PickleReader reader)
    {
        var starts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var storage in reader.Storages.Values)
        {
            var name = $"{root}data/{storage.Key}";
            if (!zip.Entries.TryGetValue(name, out var entry)) throw new InvalidModelFileException(source.Name, name, "is missing");
            if (entry.Length != storage.ByteCount)
            {
                throw new InvalidModelFileException(
                    source.Name, name, string.Create(CultureInfo.InvariantCulture,
                        $"has {entry.Length} bytes; {storage.Count} elements of {storage.Type} take {storage.ByteCount}"));
            }

            starts.Add(storage.Key, entry.Offset);
        }

        return starts;
    }
}
