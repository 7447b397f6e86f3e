using System.Buffers.Binary;
using System.Text;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.Training.TeacherCaches;

/// <summary>What the rows of a cache are.</summary>
internal enum CacheKind
{
    /// <summary>Means of the last hidden states of a text's tokens.</summary>
    Vectors,

    /// <summary>Logits of a classifier of texts, in its own order.</summary>
    Logits,
}

/// <summary>Whose rows a cache holds: the first bytes of its file, and its name.</summary>
/// <param name="Fingerprint">That of <see cref="InferenceModel.Fingerprint"/>, 32 hexadecimal digits.</param>
/// <param name="Kind">What the rows are.</param>
/// <param name="Width">Numbers of a row, in float16.</param>
internal sealed record CacheIdentity(string Fingerprint, CacheKind Kind, int Width)
{
    /// <summary>Bytes of a header.</summary>
    public const int Size = 64;

    private const int Version = 1;
    private const int HashedBytes = Size - sizeof(ulong);
    private const int FingerprintStart = 16;
    private const int FingerprintLength = 32;

    /// <summary>The file's name in a folder of caches.</summary>
    public string FileName => $"{Fingerprint[..16]}-{Kind.ToString().ToLowerInvariant()}.cache";

    private static ReadOnlySpan<byte> Magic => "SQBTEACH"u8;

    /// <summary>The header.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), Width);
        Encoding.ASCII.GetBytes(Fingerprint, bytes.AsSpan(FingerprintStart, FingerprintLength));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(FingerprintStart + FingerprintLength), (int)Kind);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(HashedBytes), StreamingHash.XxHash64(bytes.AsSpan(0, HashedBytes), 0));
        return bytes;
    }

    /// <summary>Compares the header of a file with this.</summary>
    /// <exception cref="InvalidModelFileException">It is no cache, damaged, or another model's.</exception>
    public void Check(string path, ReadOnlySpan<byte> header)
    {
        if (header.Length < Size || !header.StartsWith(Magic)) throw Error("is no cache of a teacher");
        if (BinaryPrimitives.ReadUInt64LittleEndian(header[HashedBytes..]) != StreamingHash.XxHash64(header[..HashedBytes], 0))
            throw Error("is damaged at its beginning");
        if (BinaryPrimitives.ReadInt32LittleEndian(header[8..]) != Version) throw Error("was written by another version");
        var theirs = Encoding.ASCII.GetString(header.Slice(FingerprintStart, FingerprintLength));
        if (theirs != Fingerprint) throw Error($"is of another model, whose fingerprint is {theirs} and not {Fingerprint}");
        if (!header[..HashedBytes].SequenceEqual(ToBytes().AsSpan(0, HashedBytes))) throw Error("holds rows of another kind or width");

        InvalidModelFileException Error(string reason) =>
            new(path, null, $"{reason}; delete it to compute the teacher's rows anew, or name another folder");
    }
}
