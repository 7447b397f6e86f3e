using System.Buffers.Binary;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.Training.TeacherCaches;

/// <summary>
/// The content of a cache file. Its header is followed by blocks of rows, each with the number of rows, a mark, the keys, the values in
/// float16, and a hash of the block. A block without rows, with the total number of rows, ends a complete file.
/// </summary>
/// <param name="Offsets">Where the values of each text begin.</param>
/// <param name="End">Where the next block would be.</param>
internal sealed record CacheFile(IReadOnlyDictionary<TextKey, long> Offsets, long End)
{
    /// <summary>Whether the block that ends a complete file is there.</summary>
    public bool IsEnded { get; init; }

    /// <summary>Rows of a block at most.</summary>
    public const int MaxRows = 4096;

    /// <summary>Bytes before the keys: number of rows and mark.</summary>
    public const int HeadSize = 8;

    /// <summary>Stands behind the number of rows.</summary>
    public const int Mark = 0x4B4C4254;

    /// <summary>What a file is called until it is whole.</summary>
    public static string PartOf(string path) => path + ".partial";

    /// <summary>Bytes of a block's keys, values and hash.</summary>
    public static long BodySize(int rows, int width) => ((long)rows * (TextKey.Size + (width * sizeof(ushort)))) + sizeof(ulong);

    /// <summary>Reads all of a file and checks it; bounded by the file's own size.</summary>
    /// <param name="path">The file.</param>
    /// <param name="identity">Whose rows it must hold.</param>
    /// <param name="isPart">Whether it need not be whole: what is behind the last whole block does not count.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked before each block.</param>
    /// <exception cref="InvalidModelFileException">It is of another model, or it is damaged and no part.</exception>
    public static CacheFile Read(string path, CacheIdentity identity, bool isPart, CancellationToken cancellationToken)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16, FileOptions.SequentialScan);
        var header = new byte[CacheIdentity.Size];
        identity.Check(path, header.AsSpan(0, file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false)));
        var offsets = new Dictionary<TextKey, long>();
        var (start, total, body) = ((long)CacheIdentity.Size, 0L, Array.Empty<byte>());
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!TryReadBlock(out var rows)) return isPart ? new CacheFile(offsets, start) : throw Damaged();
            if (rows == 0) return new CacheFile(offsets, start) { IsEnded = true };
            var values = start + HeadSize + (rows * TextKey.Size);
            for (var i = 0; i < rows; i++)
            {
                var key = body.AsSpan(i * TextKey.Size);
                offsets[new TextKey(BinaryPrimitives.ReadUInt64LittleEndian(key), BinaryPrimitives.ReadUInt64LittleEndian(key[8..]))] =
                    values + ((long)i * identity.Width * sizeof(ushort));
            }

            total += rows;
            start += HeadSize + BodySize(rows, identity.Width);
        }

        bool TryReadBlock(out int rows)
        {
            rows = 0;
            var head = header.AsSpan(0, HeadSize);
            if (file.ReadAtLeast(head, HeadSize, throwOnEndOfStream: false) < HeadSize) return false;
            rows = BinaryPrimitives.ReadInt32LittleEndian(head);
            if (rows is < 0 or > MaxRows || BinaryPrimitives.ReadInt32LittleEndian(head[4..]) != Mark) return false;
            var size = rows == 0 ? 2 * sizeof(ulong) : BodySize(rows, identity.Width);
            if (size > file.Length - file.Position || size > Array.MaxLength) return false;
            if (body.Length < size) body = new byte[size];
            file.ReadExactly(body, 0, (int)size);
            var content = body.AsSpan(0, (int)size - sizeof(ulong));
            if (BinaryPrimitives.ReadUInt64LittleEndian(body.AsSpan(content.Length)) != StreamingHash.XxHash64(content, (ulong)rows))
                return false;
            return rows > 0 || (BinaryPrimitives.ReadInt64LittleEndian(content) == total && file.Position == file.Length);
        }

        InvalidModelFileException Damaged() => new(path, null,
            FormattableString.Invariant($"is damaged behind byte {start}; delete it to compute the teacher's rows anew"));
    }
}
