using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SqueezeBert.Tokenization;

/// <summary>What receives the words of a text. Implementations are structs, so that the scanner is compiled for each. A false answer stops the scan.</summary>
internal interface IWordHandler
{
    /// <summary>
    /// A word of ASCII letters and digits at text[start..start + length], not yet in lower case; where it has at most 15 characters,
    /// <paramref name="low"/> and <paramref name="high"/> hold it in the tokenizer's case (<see cref="WordTable"/>).
    /// </summary>
    bool AsciiWord(ReadOnlySpan<char> text, int start, int length, ulong low, ulong high);

    /// <summary>A punctuation character that normalization leaves as it is, at text[start..start + length].</summary>
    bool Punctuation(ReadOnlySpan<char> text, int start, int length);

    /// <summary>Any other word, normalized, of <paramref name="scalars"/> Unicode scalar values.</summary>
    bool NormalizedWord(NormalizedText text, int start, int length, int scalars);
}

/// <summary>
/// Text to words: normalization and cutting at white space and punctuation. Words of ASCII letters and digits that end at a space or
/// punctuation are read straight from the text, 16 characters at a time; everything else goes through <see cref="Normalizer"/>, one source
/// word at a time.
/// </summary>
internal sealed class WordScanner
{
    private const CharacterClass SimplePunctuation =
        CharacterClass.Punctuation | CharacterClass.HasNormalForm | CharacterClass.HasLowerCase | CharacterClass.Chinese;

    private readonly Normalizer.Settings _settings;
    private readonly AsciiKind[] _ascii = new AsciiKind[128];

    internal WordScanner(in Normalizer.Settings settings)
    {
        _settings = settings;
        for (int c = 0; c < 128; c++)
        {
            CharacterClass kind = UnicodeTables.ClassOf(c);
            _ascii[c] = settings.CleanText && (kind & CharacterClass.Removed) != 0 ? AsciiKind.Other
                : (kind & CharacterClass.WhiteSpace) != 0 ? AsciiKind.Space
                : (kind & CharacterClass.Punctuation) != 0 ? AsciiKind.Punctuation
                : char.IsAsciiLetterOrDigit((char)c) ? AsciiKind.Alphanumeric
                : AsciiKind.Other;
        }
    }

    private enum AsciiKind : byte
    {
        Alphanumeric,
        Space,
        Punctuation,
        Other,
    }

    /// <summary>The normalization.</summary>
    internal Normalizer.Settings Settings => _settings;

    /// <summary>Gives the words of <paramref name="text"/> from <paramref name="i"/> on to the handler; false where it stopped the scan.</summary>
    internal bool Scan<THandler>(ReadOnlySpan<char> text, int i, ref THandler handler, Scratch scratch)
        where THandler : struct, IWordHandler, allows ref struct
    {
        AsciiKind[] ascii = _ascii;
        while (i < text.Length)
        {
            char c = text[i];
            AsciiKind kind = c < ascii.Length ? ascii[c] : AsciiKind.Other;
            if (kind == AsciiKind.Space)
            {
                i++;
                continue;
            }

            if (kind == AsciiKind.Punctuation)
            {
                if (!handler.Punctuation(text, i, 1))
                    return false;
                i++;
                continue;
            }

            if (kind == AsciiKind.Alphanumeric)
            {
                int length = ReadWord(text, i, out ulong low, out ulong high);
                int end = i + length;
                if (end == text.Length || EndsWord(text, end))
                {
                    if (!handler.AsciiWord(text, i, length, low, high))
                        return false;
                    i = end;
                    continue;
                }
            }
            else
            {
                int codePoint = UnicodeTables.Read(text, i, out int length);
                CharacterClass kinds = UnicodeTables.ClassOf(codePoint);
                bool removed = _settings.CleanText && (kinds & CharacterClass.Removed) != 0;
                if (removed || (kinds & CharacterClass.WhiteSpace) != 0)
                {
                    i += length;
                    continue;
                }

                if ((kinds & SimplePunctuation) == CharacterClass.Punctuation)
                {
                    if (!handler.Punctuation(text, i, length))
                        return false;
                    i += length;
                    continue;
                }
            }

            int stop = SourceWordEnd(text, i);
            NormalizedText normalized = scratch.Normalized;
            normalized.Clear();
            scratch.Normalizer.Normalize(text, i, stop, _settings, normalized);
            if (!ScanNormalized(normalized, 0, normalized.Length, ref handler))
                return false;
            i = stop;
        }

        return true;
    }

    /// <summary>Gives the words of a part of a normalized text to the handler; false where it stopped the scan.</summary>
    internal static bool ScanNormalized<THandler>(NormalizedText text, int from, int to, ref THandler handler)
        where THandler : struct, IWordHandler, allows ref struct
    {
        ReadOnlySpan<char> characters = text.Characters[..to];
        int i = from;
        while (i < to)
        {
            CharacterClass kinds = UnicodeTables.ClassOf(UnicodeTables.Read(characters, i, out int length));
            int start = i;
            i += length;
            if ((kinds & CharacterClass.WhiteSpace) != 0)
                continue;
            int scalars = 1;
            if ((kinds & CharacterClass.Punctuation) == 0)
            {
                while (i < to
                    && (UnicodeTables.ClassOf(UnicodeTables.Read(characters, i, out length)) & (CharacterClass.WhiteSpace | CharacterClass.Punctuation)) == 0)
                {
                    i += length;
                    scalars++;
                }
            }

            if (!handler.NormalizedWord(text, start, i - start, scalars))
                return false;
        }

        return true;
    }

    /// <summary>Reads the run of ASCII letters and digits at <paramref name="start"/>: its length, and packed in the tokenizer's case where it has at most 15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int ReadWord(ReadOnlySpan<char> text, int start, out ulong low, out ulong high)
    {
        if (start + 16 <= text.Length)
        {
            ref ushort first = ref Unsafe.As<char, ushort>(ref Unsafe.Add(ref MemoryMarshal.GetReference(text), start));
            Vector128<byte> bytes = Vector128.NarrowWithSaturation(Vector128.LoadUnsafe(ref first), Vector128.LoadUnsafe(ref first, 8));
            Vector128<byte> lower = bytes | Vector128.Create((byte)0x20);
            Vector128<byte> letter = Vector128.LessThan(lower - Vector128.Create((byte)'a'), Vector128.Create((byte)26));
            Vector128<byte> digit = Vector128.LessThan(bytes - Vector128.Create((byte)'0'), Vector128.Create((byte)10));
            uint others = ~(letter | digit).ExtractMostSignificantBits() & 0xFFFF;
            if (others != 0)
            {
                int length = BitOperations.TrailingZeroCount(others);
                // Digits have bit 0x20 already.
                Vector128<ulong> packed = (_settings.LowerCase ? lower : bytes).AsUInt64();
                int bits = length * 8;
                ulong mask = bits >= 64 ? ulong.MaxValue : (1UL << bits) - 1;
                low = packed.ToScalar() & mask;
                high = bits <= 64 ? 0 : packed.GetElement(1) & ((1UL << (bits - 64)) - 1);
                return length;
            }
        }

        return ReadWordByCharacters(text, start, out low, out high);
    }

    private int ReadWordByCharacters(ReadOnlySpan<char> text, int start, out ulong low, out ulong high)
    {
        low = high = 0;
        uint lowerCase = _settings.LowerCase ? 0x20u : 0;
        int i = start;
        for (; i < text.Length && char.IsAsciiLetterOrDigit(text[i]); i++)
        {
            int at = i - start;
            ulong c = text[i] | lowerCase;
            if (at < 8)
                low |= c << (8 * at);
            else if (at < 16)
                high |= c << (8 * (at - 8));
        }

        return i - start;
    }

    /// <summary>Whether the character after a word surely ends it: white space, punctuation that stays itself, or a Chinese character that is spaced.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool EndsWord(ReadOnlySpan<char> text, int position)
    {
        char c = text[position];
        return c < 128 ? _ascii[c] is AsciiKind.Space or AsciiKind.Punctuation : EndsWordBeyondAscii(text, position, out _);
    }

    private bool EndsWordBeyondAscii(ReadOnlySpan<char> text, int position, out int length)
    {
        CharacterClass kinds = UnicodeTables.ClassOf(UnicodeTables.Read(text, position, out length));
        if (_settings.CleanText && (kinds & CharacterClass.Removed) != 0)
            return false;
        return (kinds & CharacterClass.WhiteSpace) != 0
            || (kinds & SimplePunctuation) == CharacterClass.Punctuation
            || (_settings.HandleChineseChars && (kinds & CharacterClass.Chinese) != 0);
    }

    private int SourceWordEnd(ReadOnlySpan<char> text, int start)
    {
        int codePoint = UnicodeTables.Read(text, start, out int length);
        int i = start + length;
        if (_settings.HandleChineseChars && (UnicodeTables.ClassOf(codePoint) & CharacterClass.Chinese) != 0)
            return i;
        while (i < text.Length)
        {
            if (text[i] < 128)
            {
                if (_ascii[text[i]] is AsciiKind.Space or AsciiKind.Punctuation)
                    break;
                i++;
                continue;
            }

            if (EndsWordBeyondAscii(text, i, out length))
                break;
            i += length;
        }

        return i;
    }
}
