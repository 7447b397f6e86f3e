using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SqueezeBert.Tokenization.Words;

/// <summary>
/// The ids of packed words: a hash table of ids with open addressing, and the words by their ids, compared 16 bytes at a time. Vocabularies
/// have their frequent words in front, so these lie together in memory, and those that are added first are found at their first place.
/// </summary>
internal sealed class WordTable
{
    /// <summary>The filter's bits for each slot.</summary>
    private const int FilterBits = 2;

    // Not the same in two processes, so that no vocabulary can be made whose words all collide.
    private static readonly ulong LowFactor = (ulong)Random.Shared.NextInt64() | 1;
    private static readonly ulong HighFactor = (ulong)Random.Shared.NextInt64() | 1;

    private readonly Vector128<byte>[] _words;

    // Ids; 0 where the slot is free. The word of id 0 is compared like any other, so that it may be anywhere.
    private readonly int[] _slots;
    private readonly int _shift;

    // A bit is set where any word has that hash. It answers most questions for words that are not there, and stays in the first-level
    // cache.
    private readonly ulong[] _filter;
    private readonly int _filterShift;

    /// <summary>Builds the table.</summary>
    /// <param name="words">Words by their ids, all distinct; zero where an id has none.</param>
    /// <param name="count">The number of words.</param>
    internal WordTable(Vector128<byte>[] words, int count)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(64, count * 4L));
        _shift = 64 - BitOperations.Log2((uint)size);
        _filterShift = _shift - BitOperations.Log2(FilterBits);
        _words = words;
        _slots = new int[size];
        _filter = new ulong[size / (64 / FilterBits)];
        for (var id = 0; id < words.Length; id++)
        {
            if (words[id] == default)
                continue;
            var hash = Hash(words[id]);
            var bit = (uint)(hash >> _filterShift);
            _filter[bit / 64] |= 1UL << (int)bit;
            var slot = (int)(hash >> _shift);
            while (_slots[slot] != 0)
                slot = (slot + 1) & (size - 1);
            _slots[slot] = id;
        }
    }

    /// <summary>
    /// Looks at the first place of each word, without a branch: its id, or -1 where it is not there; it may be at another place.
    /// </summary>
    internal void FindFirst(ReadOnlySpan<Vector128<byte>> words, Span<int> ids)
    {
        // The table's own indices are in range by construction.
        ref var slots = ref MemoryMarshal.GetArrayDataReference(_slots);
        ref var known = ref MemoryMarshal.GetArrayDataReference(_words);
        var shift = _shift;
        for (var i = 0; i < words.Length && i < ids.Length; i++)
        {
            var word = words[i];
            var id = Unsafe.Add(ref slots, (nint)(Hash(word) >> shift));
            var difference = (word ^ Unsafe.Add(ref known, id)).AsUInt64();
            var bits = (long)(difference.ToScalar() | difference.GetElement(1));
            ids[i] = id | (int)((bits | -bits) >> 63);
        }
    }

    /// <summary>
    /// The id of the longest prefix of a word, up to <paramref name="longest"/> characters, that is in the table, or -1; and its length.
    /// </summary>
    internal int FindLongest(Vector128<byte> word, int longest, out int length)
    {
        ref var filter = ref MemoryMarshal.GetArrayDataReference(_filter);
        for (length = longest; length > 0; length--)
        {
            var prefix = PackedWord.Prefix(word, length);
            var hash = Hash(prefix);
            var bit = (uint)(hash >> _filterShift);
            if (((Unsafe.Add(ref filter, (nint)(bit / 64)) >> (int)bit) & 1) == 0)
                continue;
            var id = Find(prefix, hash);
            if (id >= 0)
                return id;
        }

        return -1;
    }

    private int Find(Vector128<byte> word, ulong hash)
    {
        var slots = _slots;
        for (var slot = (int)(hash >> _shift); ; slot = (slot + 1) & (slots.Length - 1))
        {
            var id = slots[slot];
            if (_words[id] == word)
                return id;
            if (id == 0)
                return -1;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Hash(Vector128<byte> word) =>
        ((word.AsUInt64().ToScalar() * LowFactor) ^ BitOperations.RotateLeft(word.AsUInt64().GetElement(1) * HighFactor, 32))
            * 0xD6E8FEB86659FD93;
}
