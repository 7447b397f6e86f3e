using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SqueezeBert.Tokenization;

/// <summary>
/// Text to tokens: added tokens, normalization, words, pieces. Words of ASCII letters and digits that end at a space or punctuation are looked up
/// straight from the text, 16 characters at a time; everything else goes through <see cref="Normalizer"/>, one source word at a time.
/// </summary>
internal sealed class TextScanner
{
    private const CharacterClass SimplePunctuation =
        CharacterClass.Punctuation | CharacterClass.HasNormalForm | CharacterClass.HasLowerCase | CharacterClass.Chinese;

    private readonly WordPieceModel _model;
    private readonly Normalizer.Settings _settings;
    private readonly AddedTokenMatcher _added;
    private readonly AddedTokenMatcher _addedNormalized;
    private readonly AsciiKind[] _ascii = new AsciiKind[128];
    private readonly int[] _asciiIds = new int[128];

    internal TextScanner(WordPieceModel model, in Normalizer.Settings settings, IEnumerable<AddedToken> addedTokens)
    {
        _model = model;
        _settings = settings;
        var tokens = addedTokens.Where(t => t.Content.Length > 0).ToList();
        _added = new AddedTokenMatcher(tokens.Where(t => !t.Normalized).Select(t => (t.Content, t)));
        _addedNormalized = new AddedTokenMatcher(tokens.Where(t => t.Normalized).Select(t => (Normalize(t.Content), t)).Where(p => p.Item1.Length > 0));
        for (int c = 0; c < 128; c++)
        {
            CharacterClass kind = UnicodeTables.ClassOf(c);
            char character = (char)c;
            _asciiIds[c] = model.FindSingle(new ReadOnlySpan<char>(in character));
            _ascii[c] = settings.CleanText && (kind & CharacterClass.Removed) != 0 ? AsciiKind.Other
                : (kind & CharacterClass.WhiteSpace) != 0 ? AsciiKind.Space
                : (kind & CharacterClass.Punctuation) != 0 ? AsciiKind.Punctuation
                : char.IsAsciiLetterOrDigit(character) ? AsciiKind.Alphanumeric
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

    /// <summary>The normalized form of a text.</summary>
    internal string Normalize(string text)
    {
        var output = new NormalizedText();
        new Normalizer().Normalize(text, 0, text.Length, _settings, output);
        return output.Characters.ToString();
    }

    /// <summary>Gives the tokens of <paramref name="text"/> to the sink, until it stops the scan.</summary>
    internal void Scan<TSink>(ReadOnlySpan<char> text, ref TSink sink, Scratch scratch)
        where TSink : struct, ITokenSink, allows ref struct
    {
        int word = 0;
        int done = 0, position = 0;
        while (!_added.IsEmpty && _added.Next(text, ref position, done, out int start, out int end, out int id))
        {
            if ((start > done && !ScanGap(text, done, start, ref word, ref sink, scratch)) || !sink.Add(id, start, end, word++))
                return;
            done = end;
        }

        if (done < text.Length)
            ScanGap(text, done, text.Length, ref word, ref sink, scratch);
    }

    private bool ScanGap<TSink>(ReadOnlySpan<char> text, int from, int to, ref int word, ref TSink sink, Scratch scratch)
        where TSink : struct, ITokenSink, allows ref struct
    {
        if (_addedNormalized.IsEmpty)
            return ScanWords(text[..to], from, ref word, ref sink, scratch);

        NormalizedText normalized = scratch.Normalized;
        normalized.Clear();
        scratch.Normalizer.Normalize(text, from, to, _settings, normalized);
        int done = 0, position = 0;
        while (_addedNormalized.Next(normalized.Characters, ref position, done, out int start, out int end, out int id))
        {
            if (!ScanNormalized(normalized, done, start, ref word, ref sink, scratch)
                || !sink.Add(id, normalized.StartAt(start), normalized.EndAt(end - 1), word++))
                return false;
            done = end;
        }

        return ScanNormalized(normalized, done, normalized.Length, ref word, ref sink, scratch);
    }

    private bool ScanWords<TSink>(ReadOnlySpan<char> text, int i, ref int word, ref TSink sink, Scratch scratch)
        where TSink : struct, ITokenSink, allows ref struct
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
                if (!sink.Add(_asciiIds[c], i, i + 1, word++))
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
                    int id = length <= WordTable.LongestWord ? _model.Words.Find(low, high) : -1;
                    if (id >= 0 ? !sink.Add(id, i, end, word) : !AddAsciiWord(text[i..end], i, word, ref sink, scratch))
                        return false;
                    word++;
                    i = end;
                    continue;
                }
            }
            else if (c >= 128 || kind == AsciiKind.Other)
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
                    if (!sink.Add(_model.FindSingle(text.Slice(i, length)), i, i + length, word++))
                        return false;
                    i += length;
                    continue;
                }
            }

            int stop = SourceWordEnd(text, i);
            NormalizedText normalized = scratch.Normalized;
            normalized.Clear();
            scratch.Normalizer.Normalize(text, i, stop, _settings, normalized);
            if (!ScanNormalized(normalized, 0, normalized.Length, ref word, ref sink, scratch))
                return false;
            i = stop;
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

    private bool AddAsciiWord<TSink>(ReadOnlySpan<char> source, int start, int word, ref TSink sink, Scratch scratch)
        where TSink : struct, ITokenSink, allows ref struct
    {
        if (source.Length > _model.MaxInputCharsPerWord)
            return sink.Add(_model.UnknownId, start, start + source.Length, word);
        Span<char> lower = scratch.Word(source.Length);
        char bit = (char)(_settings.LowerCase ? 0x20 : 0);
        for (int i = 0; i < source.Length; i++)
            lower[i] = (char)(source[i] | bit);
        scratch.Pieces(source.Length, out Span<int> ids, out Span<int> ends);
        int count = _model.Cut(lower, ids, ends);
        if (count == 0)
            return sink.Add(_model.UnknownId, start, start + source.Length, word);
        int from = start;
        for (int p = 0; p < count; p++)
        {
            int end = start + ends[p];
            if (!sink.Add(ids[p], from, end, word))
                return false;
            from = end;
        }

        return true;
    }

    private bool ScanNormalized<TSink>(NormalizedText text, int from, int to, ref int word, ref TSink sink, Scratch scratch)
        where TSink : struct, ITokenSink, allows ref struct
    {
        ReadOnlySpan<char> characters = text.Characters[..to];
        int length;
        int i = from;
        while (i < to)
        {
            CharacterClass kinds = UnicodeTables.ClassOf(UnicodeTables.Read(characters, i, out length));
            if ((kinds & CharacterClass.WhiteSpace) != 0)
            {
                i += length;
                continue;
            }

            int start = i;
            int scalars = 1;
            i += length;
            if ((kinds & CharacterClass.Punctuation) == 0)
            {
                while (i < to
                    && (UnicodeTables.ClassOf(UnicodeTables.Read(characters, i, out length)) & (CharacterClass.WhiteSpace | CharacterClass.Punctuation)) == 0)
                {
                    i += length;
                    scalars++;
                }
            }

            if (!AddNormalizedWord(text, characters[start..i], start, scalars, word++, ref sink, scratch))
                return false;
        }

        return true;
    }

    private bool AddNormalizedWord<TSink>(
        NormalizedText text, ReadOnlySpan<char> source, int start, int scalars, int word, ref TSink sink, Scratch scratch)
        where TSink : struct, ITokenSink, allows ref struct
    {
        int count = 0;
        Span<int> ids = default, ends = default;
        if (scalars <= _model.MaxInputCharsPerWord)
        {
            scratch.Pieces(source.Length, out ids, out ends);
            count = _model.Cut(source, ids, ends);
        }

        if (count == 0)
            return sink.Add(_model.UnknownId, text.StartAt(start), text.EndAt(start + source.Length - 1), word);
        int from = start;
        for (int p = 0; p < count; p++)
        {
            int end = start + ends[p];
            if (!sink.Add(ids[p], text.StartAt(from), text.EndAt(end - 1), word))
                return false;
            from = end;
        }

        return true;
    }
}
