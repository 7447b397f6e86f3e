using System.Numerics;
using System.Runtime.CompilerServices;

namespace SqueezeBert.Tokenization;

/// <summary>
/// The ids of the vocabulary's whole words of 1 to 15 ASCII letters and digits. The key is the word itself in two 64-bit halves, little-endian, padded
/// with zeros, so that a look-up compares 16 bytes and reads no string.
/// </summary>
internal sealed class WordTable
{
    /// <summary>The length of the longest words of the table.</summary>
    internal const int LongestWord = 15;

    private readonly Slot[] _slots;
    private readonly int _shift;

    /// <summary>Builds the table; keys are distinct.</summary>
    internal WordTable(IReadOnlyCollection<(ulong Low, ulong High, int Id)> words)
    {
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, words.Count * 2));
        _shift = 64 - BitOperations.Log2((uint)size);
        _slots = new Slot[size];
        foreach ((ulong low, ulong high, int id) in words)
        {
            int slot = Hash(low, high, _shift);
            while (_slots[slot].Low != 0)
                slot = (slot + 1) & (size - 1);
            _slots[slot] = new Slot { Low = low, High = high, Id = id };
        }
    }

    private struct Slot
    {
        internal ulong Low;
        internal ulong High;
        internal int Id;
    }

    /// <summary>Packs a word of ASCII letters and digits; false where it has other characters.</summary>
    internal static bool TryPack(ReadOnlySpan<char> word, out ulong low, out ulong high)
    {
        low = high = 0;
        for (int i = 0; i < word.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(word[i]))
                return false;
            if (i < 8)
                low |= (ulong)word[i] << (8 * i);
            else
                high |= (ulong)word[i] << (8 * (i - 8));
        }

        return true;
    }

    /// <summary>The id of a word, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Find(ulong low, ulong high)
    {
        Slot[] slots = _slots;
        int slot = Hash(low, high, _shift);
        while (true)
        {
            ref Slot entry = ref slots[slot & (slots.Length - 1)];
            if (entry.Low == low && entry.High == high)
                return entry.Id;
            if (entry.Low == 0)
                return -1;
            slot++;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Hash(ulong low, ulong high, int shift) =>
        (int)(((low * 0x9E3779B97F4A7C15) ^ BitOperations.RotateLeft(high * 0xC2B2AE3D27D4EB4F, 32)) * 0xD6E8FEB86659FD93 >> shift);
}
