using System.Buffers.Binary;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.Retrieval;

/// <summary>
/// The header of an index, which determines the place of everything else. docs/vectors.md describes the file. If the format changes, that
/// document and the version must change too.
/// </summary>
/// <param name="Fingerprint">The fingerprint of the embedder, or null if it is unknown.</param>
/// <param name="Dimensions">The number of components of a vector.</param>
/// <param name="Precision">The number format that every search reads.</param>
/// <param name="Rescoring">The number format that candidates are rescored with.</param>
/// <param name="HasTexts">Whether each vector has a text.</param>
/// <param name="Count">The number of vectors.</param>
/// <param name="TextBytes">The number of bytes of all texts, in UTF-8.</param>
internal sealed record VectorIndexHeader(
    string? Fingerprint, int Dimensions, VectorPrecision Precision, VectorRescoring Rescoring, bool HasTexts, int Count, long TextBytes)
{
    /// <summary>The number of bytes of the header.</summary>
    public const int Size = 128;

    /// <summary>The number of digits of a fingerprint.</summary>
    public const int FingerprintLength = 32;

    /// <summary>
    /// The largest number of dimensions. It is more than the vectors of any model have, and the most for which sums of bytes cannot
    /// overflow.
    /// </summary>
    public const int MaxDimensions = Kernels.Search.Int8Dots.MaxWidth;

    private const int Version = 1;
    private const int ChecksumOffset = Size - sizeof(ulong);

    private static ReadOnlySpan<byte> Magic => "SQBINDEX"u8;

    /// <summary>The vectors that every search reads.</summary>
    public VectorSection Vectors => VectorSection.Behind(Size, Precision, Dimensions, Count);

    /// <summary>The vectors that candidates are rescored with, or null if there are none.</summary>
    public VectorSection? Exact => Rescoring == VectorRescoring.None ? null
        : VectorSection.Behind(Vectors.End, PrecisionOf(Rescoring), Dimensions, Count);

    /// <summary>The offset of the start of each text and the end of the last one, with 64 bits each.</summary>
    public long TextStartsOffset => VectorSection.Align((Exact ?? Vectors).End, VectorSection.Alignment);

    /// <summary>The offset of the first byte of the texts.</summary>
    public long TextsOffset => TextStartsOffset + (HasTexts ? ((long)Count + 1) * sizeof(long) : 0);

    /// <summary>The number of bytes of the whole file.</summary>
    public long FileBytes => TextsOffset + TextBytes;

    /// <summary>Returns the number format of the vectors for rescoring.</summary>
    public static VectorPrecision PrecisionOf(VectorRescoring rescoring) =>
        rescoring == VectorRescoring.Float32 ? VectorPrecision.Float32 : VectorPrecision.Int8;

    /// <summary>Writes the header.</summary>
    public void Write(Span<byte> bytes)
    {
        bytes[..Size].Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], Dimensions);
        bytes[16] = (byte)Precision;
        bytes[17] = (byte)Rescoring;
        bytes[18] = HasTexts ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], Count);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], TextBytes);
        if (Fingerprint is not null) Convert.FromHexString(Fingerprint).CopyTo(bytes[40..]);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[ChecksumOffset..], Checksum(bytes));
    }

    /// <summary>Reads a header and compares it with the length of the file.</summary>
    /// <param name="file">The name of the file in messages.</param>
    /// <param name="bytes">The first <see cref="Size"/> bytes of the file, or all bytes of a shorter file.</param>
    /// <param name="fileBytes">The number of bytes of the file.</param>
    /// <exception cref="InvalidModelFileException">The file is not an index, or it is damaged.</exception>
    public static VectorIndexHeader Read(string file, ReadOnlySpan<byte> bytes, long fileBytes)
    {
        if (bytes.Length < Size || !bytes.StartsWith(Magic))
            throw new InvalidModelFileException(file, null, "is no index of vectors; `squeezebert index` makes one");
        var version = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        if (version != Version)
        {
            throw new InvalidModelFileException(
                file, "version", $"is {version}, and this library reads {Version}: make the index again", null, ErrorKind.Unsupported);
        }

        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[ChecksumOffset..]) != Checksum(bytes))
            throw Damaged("checksum", "is not that of the header");
        var dimensions = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        if (dimensions is < 1 or > MaxDimensions) throw Damaged("dimensions", $"is {dimensions}, which is not 1 to {MaxDimensions}");
        var (precision, rescoring) = ((VectorPrecision)bytes[16], (VectorRescoring)bytes[17]);
        if (!Enum.IsDefined(precision)) throw Damaged("precision", $"is {bytes[16]}, which means nothing");
        if (!Enum.IsDefined(rescoring)) throw Damaged("rescoring", $"is {bytes[17]}, which means nothing");
        if (rescoring != VectorRescoring.None && precision != VectorPrecision.Bits)
            throw Damaged("rescoring", $"is {bytes[17]}, which only bits have");
        if (bytes[18] > 1) throw Damaged("texts", $"is {bytes[18]}, which is not 0 or 1");
        var count = BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]);
        if (count is < 0 or > int.MaxValue) throw Damaged("count", $"is {count}, which is not 0 to {int.MaxValue}");
        var textBytes = BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]);
        if (textBytes < 0 || textBytes > fileBytes || (bytes[18] == 0 && textBytes != 0))
            throw Damaged("text bytes", $"is {textBytes}, which the file does not have");
        if (bytes[19..24].ContainsAnyExcept((byte)0) || bytes[56..ChecksumOffset].ContainsAnyExcept((byte)0))
            throw Damaged("reserved bytes", "are not zero");
        var fingerprint = bytes[40..56].ContainsAnyExcept((byte)0) ? Convert.ToHexStringLower(bytes[40..56]) : null;
        var header = new VectorIndexHeader(fingerprint, dimensions, precision, rescoring, bytes[18] == 1, (int)count, textBytes);
        return header.FileBytes == fileBytes ? header
            : throw Damaged(null, $"has {fileBytes} bytes where the header tells of {header.FileBytes}: it is cut off, or no whole copy");

        InvalidModelFileException Damaged(string? item, string reason) => new(file, item, reason);
    }

    private static ulong Checksum(ReadOnlySpan<byte> header) => StreamingHash.XxHash64(header[..ChecksumOffset], 0);
}
