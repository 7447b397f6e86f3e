using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SqueezeBert.Tokenization.Words;

/// <summary>
/// Up to 64 consecutive packed words of a text, before they are looked up: each step then is one short loop over many words, whose look-ups
/// do not wait for each other.
/// </summary>
internal sealed class WordBatch
{
    /// <summary>The most words of a batch: as many as a block can have, and as a mask has bits.</summary>
    internal const int Capacity = AsciiBlock.Length;

    private readonly Vector128<byte>[] _words = new Vector128<byte>[Capacity];
    private readonly TokenOffset[] _offsets = new TokenOffset[Capacity];
    private readonly int[] _ids = new int[Capacity];

    internal int Count { get; private set; }

    internal ReadOnlySpan<Vector128<byte>> Words => _words.AsSpan(0, Count);

    /// <summary>Where the words are in the text.</summary>
    internal ReadOnlySpan<TokenOffset> Offsets => _offsets.AsSpan(0, Count);

    /// <summary>The ids, once they have been looked up.</summary>
    internal Span<int> Ids => _ids.AsSpan(0, Count);

    internal void Clear() => Count = 0;

    /// <summary>
    /// Adds the simple words of a block, up to the first that is not: one that reaches <paramref name="nextOther"/> or has more than
    /// <paramref name="longest"/> characters. There must be room for all of them.
    /// </summary>
    /// <param name="start">The block's first character; another 16 are readable behind the block.</param>
    /// <param name="block">What the characters are.</param>
    /// <param name="starts">The first characters of the words.</param>
    /// <param name="nextOther">The first character that is not simple.</param>
    /// <param name="longest">The most characters of a word.</param>
    /// <param name="position">Where the block is in the text.</param>
    /// <param name="caseBit">0x20 everywhere to make capitals small letters, else 0.</param>
    /// <returns>The starts of the words that are left.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong Add(ref ushort start, in AsciiBlock block, ulong starts, int nextOther, int longest, int position,
        Vector128<byte> caseBit)
    {
        var count = Count;
        ulong breaks = ~block.Words, punctuation = block.Punctuation;
        ref var words = ref MemoryMarshal.GetArrayDataReference(_words);
        ref var offsets = ref MemoryMarshal.GetArrayDataReference(_offsets);
        while (starts != 0)
        {
            var at = BitOperations.TrailingZeroCount(starts);
            // The characters to the next break; punctuation is a break itself, and one character.
            var length = BitOperations.TrailingZeroCount(breaks >> at) + (int)((punctuation >> at) & 1);
            if (at + length > nextOther || length > longest)
                break;
            starts &= starts - 1;
            Unsafe.Add(ref words, count) = PackedWord.ToLower(PackedWord.Prefix(AsciiBlock.Narrow(ref start, at), length), caseBit);
            Unsafe.Add(ref offsets, count) = new TokenOffset(position + at, position + at + length);
            count++;
        }

        Count = count;
        return starts;
    }
}
