using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace SqueezeBert.Files;

/// <summary>
/// A 128-bit hash that distinguishes contents: XXH64 (Collet) with two seeds, where the hash of a part is the seed of the next. It is fast
/// and needs no library of the system. It does not protect against contents that are made equal on purpose.
/// </summary>
internal sealed class StreamingHash
{
    private ulong _low;
    private ulong _high = 0x9E3779B97F4A7C15;

    /// <summary>Adds a part. The boundaries between parts influence the hash.</summary>
    public void Add(ReadOnlySpan<byte> part)
    {
        _low = XxHash64(part, _low);
        _high = XxHash64(part, _high);
    }

    /// <inheritdoc cref="Add(ReadOnlySpan{byte})"/>
    public void Add(string part) => Add(MemoryMarshal.AsBytes(part.AsSpan()));

    /// <summary>Returns the hash as 32 hexadecimal digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_low:x16}{_high:x16}");

    /// <summary>Computes XXH64 according to its specification.</summary>
    internal static ulong XxHash64(ReadOnlySpan<byte> data, ulong seed)
    {
        const ulong Prime1 = 0x9E3779B185EBCA87, Prime2 = 0xC2B2AE3D27D4EB4F, Prime3 = 0x165667B19E3779F9, Prime4 = 0x85EBCA77C2B2AE63,
            Prime5 = 0x27D4EB2F165667C5;
        var rest = data;
        ulong hash;
        if (data.Length >= 32)
        {
            ulong a = seed + Prime1 + Prime2, b = seed + Prime2, c = seed, d = seed - Prime1;
            for (; rest.Length >= 32; rest = rest[32..])
            {
                a = Round(a, Word(rest));
                b = Round(b, Word(rest[8..]));
                c = Round(c, Word(rest[16..]));
                d = Round(d, Word(rest[24..]));
            }

            hash = BitOperations.RotateLeft(a, 1) + BitOperations.RotateLeft(b, 7) + BitOperations.RotateLeft(c, 12)
                + BitOperations.RotateLeft(d, 18);
            hash = Merge(Merge(Merge(Merge(hash, a), b), c), d);
        }
        else
        {
            hash = seed + Prime5;
        }

        hash += (ulong)data.Length;
        for (; rest.Length >= 8; rest = rest[8..])
            hash = (BitOperations.RotateLeft(hash ^ Round(0, Word(rest)), 27) * Prime1) + Prime4;
        if (rest.Length >= 4)
        {
            hash = (BitOperations.RotateLeft(hash ^ (BinaryPrimitives.ReadUInt32LittleEndian(rest) * Prime1), 23) * Prime2) + Prime3;
            rest = rest[4..];
        }

        foreach (var value in rest) hash = BitOperations.RotateLeft(hash ^ (value * Prime5), 11) * Prime1;
        hash = (hash ^ (hash >> 33)) * Prime2;
        hash = (hash ^ (hash >> 29)) * Prime3;
        return hash ^ (hash >> 32);

        static ulong Word(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        static ulong Round(ulong sum, ulong word) => BitOperations.RotateLeft(sum + (word * Prime2), 31) * Prime1;
        static ulong Merge(ulong sum, ulong value) => ((sum ^ Round(0, value)) * Prime1) + Prime4;
    }
}
