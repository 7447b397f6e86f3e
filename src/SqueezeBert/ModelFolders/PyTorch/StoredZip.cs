using System.Buffers.Binary;
using System.Text;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.ModelFolders.PyTorch;

/// <summary>
/// The directory of a zip archive with uncompressed entries, as PyTorch writes them. It gives the position of each entry, so that tensors
/// are read without copying. Features that PyTorch does not use are refused: compression (and therefore every zip bomb), encryption,
/// comments, several disks, names that leave the archive, duplicate names, and entries that overlap or that contradict their local header.
/// </summary>
internal sealed class StoredZip
{
    private const int EndLength = 22;
    private const int Zip64EndLength = 56;
    private const int Zip64LocatorLength = 20;
    private const int EntryLength = 46;
    private const int LocalLength = 30;
    private const int MaxEntries = 70_000;
    private const int MaxDirectoryLength = 32 << 20;
    private const int HasDescriptor = 1 << 3;
    private const int IsUtf8 = 1 << 11;
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);
    private readonly ByteSource _source;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Reads and checks the directory and all local headers.</summary>
    /// <exception cref="InvalidModelFileException">The archive violates a rule. The message names the entry.</exception>
    public StoredZip(ByteSource source)
    {
        _source = source;
        var (count, start, length) = ReadEnd();
        if (count > MaxEntries) throw Error(null, $"has {count} entries, more than the {MaxEntries} allowed");
        if (length > MaxDirectoryLength || length < (long)count * EntryLength)
            throw Error(null, $"its directory of {count} entries has {length} bytes");
        var directory = source.ReadArray(start, (int)length);
        var rest = directory.AsSpan();
        var headers = new List<(string Name, Header Header)>(count);
        for (var i = 0; i < count; i++)
        {
            var (name, header) = ReadEntry(ref rest);
            headers.Add((name, header));
        }

        if (rest.Length > 0) throw Error(null, $"its directory has {rest.Length} bytes after the last entry");
        long end = 0;
        foreach (var (name, header) in headers.OrderBy(item => item.Header.Offset))
        {
            if (header.Offset < end) throw Error(name, "overlaps another entry");
            var data = CheckLocalHeader(name, header, start);
            end = data + header.Length;
            if (!_entries.TryAdd(name, new Entry(data, header.Length, header.Crc))) throw Error(name, "is there twice");
        }
    }

    /// <param name="Offset">The offset of the first byte in the file.</param>
    /// <param name="Length">The number of bytes.</param>
    /// <param name="Crc">The CRC-32 of the bytes.</param>
    public readonly record struct Entry(long Offset, long Length, uint Crc);

    private readonly record struct Header(long Offset, long Length, uint Crc, ushort Flags);

    /// <summary>The entries by their names, in the order of the file.</summary>
    public IReadOnlyDictionary<string, Entry> Entries => _entries;

    private (int Count, long DirectoryStart, long DirectoryLength) ReadEnd()
    {
        if (_source.Length < EndLength) throw Error(null, "is too short for a zip archive; the file is truncated");
        var endOffset = _source.Length - EndLength;
        ReadOnlySpan<byte> end = _source.ReadArray(endOffset, EndLength);
        if (U32(end) != 0x06054b50 || U16(end[20..]) != 0)
            throw Error(null, "does not end like a zip archive without a comment; the file is truncated or has something after its end");
        if (U16(end[4..]) != 0 || U16(end[6..]) != 0 || U16(end[8..]) != U16(end[10..]))
            throw Error(null, "is a part of a zip archive on several disks");
        long count = U16(end[10..]);
        long length = U32(end[12..]);
        long start = U32(end[16..]);
        var directoryEnd = endOffset;
        if (endOffset >= Zip64LocatorLength + Zip64EndLength)
        {
            ReadOnlySpan<byte> locator = _source.ReadArray(endOffset - Zip64LocatorLength, Zip64LocatorLength);
            if (U32(locator) == 0x07064b50)
            {
                directoryEnd = endOffset - Zip64LocatorLength - Zip64EndLength;
                ReadOnlySpan<byte> end64 = _source.ReadArray(directoryEnd, Zip64EndLength);
                if (I64(locator[8..]) != directoryEnd || U32(end64) != 0x06064b50 || I64(end64[4..]) != Zip64EndLength - 12
                    || U32(end64[16..]) != 0 || U32(end64[20..]) != 0
                    || I64(end64[24..]) != I64(end64[32..]) || !Agrees(count, I64(end64[32..]), ushort.MaxValue)
                    || !Agrees(length, I64(end64[40..]), uint.MaxValue)
                    || !Agrees(start, I64(end64[48..]), uint.MaxValue))
                {
                    throw Error(null, "the two ends of its zip directory disagree");
                }

                (count, length, start) = (I64(end64[32..]), I64(end64[40..]), I64(end64[48..]));
            }
        }

        if (count is < 0 or > int.MaxValue || start < 0 || length < 0 || start > directoryEnd || length != directoryEnd - start)
            throw Error(null, "its zip directory does not lie between the entries and the end of the file");
        return ((int)count, start, length);
    }

    private (string Name, Header Header) ReadEntry(ref Span<byte> rest)
    {
        if (rest.Length < EntryLength || U32(rest) != 0x02014b50) throw Error(null, "its zip directory is damaged");
        var nameLength = U16(rest[28..]);
        var extraLength = U16(rest[30..]);
        var total = EntryLength + nameLength + extraLength + U16(rest[32..]);
        if (rest.Length < total) throw Error(null, "its zip directory is damaged");
        var name = Name(rest.Slice(EntryLength, nameLength));
        var flags = U16(rest[8..]);
        if ((flags & ~(HasDescriptor | IsUtf8)) != 0) throw Error(name, "is encrypted or has other properties that PyTorch does not use");
        if (U16(rest[10..]) != 0) throw Error(name, $"is compressed (method {U16(rest[10..])}); PyTorch stores its entries");
        if (U16(rest[34..]) is not (0 or ushort.MaxValue)) throw Error(name, "is on another disk");
        long packed = U32(rest[20..]);
        long length = U32(rest[24..]);
        long offset = U32(rest[42..]);
        var zip64 = Zip64Field(rest.Slice(EntryLength + nameLength, extraLength), name);
        if (length == uint.MaxValue) length = Take(ref zip64);
        if (packed == uint.MaxValue) packed = Take(ref zip64);
        if (offset == uint.MaxValue) offset = Take(ref zip64);
        if (length < 0 || offset < 0 || packed != length) throw Error(name, $"has {packed} bytes in the archive and {length} outside");
        var header = new Header(offset, length, U32(rest[16..]), flags);
        rest = rest[total..];
        return (name, header);

        long Take(ref ReadOnlySpan<byte> field)
        {
            if (field.Length < 8) throw Error(name, "lacks its 64-bit sizes");
            var value = I64(field);
            field = field[8..];
            return value;
        }
    }

    /// <summary>Returns the offset of the entry's data.</summary>
    private long CheckLocalHeader(string name, Header header, long directoryStart)
    {
        if (directoryStart - header.Offset < LocalLength) throw Error(name, "begins after the entries");
        ReadOnlySpan<byte> local = _source.ReadArray(header.Offset, LocalLength);
        var nameLength = U16(local[26..]);
        var data = header.Offset + LocalLength + nameLength + U16(local[28..]);
        if (U32(local) != 0x04034b50) throw Error(name, "does not begin with a local header");
        if (data > directoryStart || header.Length > directoryStart - data)
            throw Error(name, "ends after the entries; the file is truncated");
        var nameBytes = _source.ReadArray(header.Offset + LocalLength, nameLength);
        long packed = U32(local[18..]);
        long length = U32(local[22..]);
        var isLater = (header.Flags & HasDescriptor) != 0;
        if (U16(local[6..]) != header.Flags || U16(local[8..]) != 0 || !nameBytes.AsSpan().SequenceEqual(Utf8.GetBytes(name))
            || !Fits(length) || !Fits(packed)
            || (U32(local[14..]) != header.Crc && !(isLater && U32(local[14..]) == 0)))
        {
            throw Error(name, "its local header disagrees with the directory");
        }

        return data;

        bool Fits(long value) => value == header.Length || value == uint.MaxValue || (isLater && value == 0);
    }

    private string Name(ReadOnlySpan<byte> bytes)
    {
        string name;
        try
        {
            name = Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidModelFileException(_source.Name, null, "the name of an entry is not UTF-8", e);
        }

        if (name.AsSpan().ContainsAny('\\', ':', '\0')) throw Error(name, "its name has a character that PyTorch does not use");
        foreach (var part in name.AsSpan().Split('/'))
        {
            if (name.AsSpan()[part] is "" or "." or "..") throw Error(name, "its name leaves the archive or is not a file's");
        }

        return name;
    }

    private ReadOnlySpan<byte> Zip64Field(ReadOnlySpan<byte> extra, string name)
    {
        while (extra.Length >= 4)
        {
            var length = U16(extra[2..]);
            if (length > extra.Length - 4) throw Error(name, "has a damaged extra field");
            if (U16(extra) == 1) return extra.Slice(4, length);
            extra = extra[(4 + length)..];
        }

        return [];
    }

    private static bool Agrees(long small, long large, long saturated) => small == saturated || small == large;

    private static ushort U16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint U32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static long I64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64LittleEndian(bytes);

    private InvalidModelFileException Error(string? item, string reason) => new(_source.Name, item, reason);
}
