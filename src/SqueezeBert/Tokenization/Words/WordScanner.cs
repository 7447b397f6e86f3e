using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SqueezeBert.Tokenization.Unicode;

namespace SqueezeBert.Tokenization.Words;

/// <summary>
/// What receives the words of a text. Implementations are structs, so that the scanner is compiled for each. A false answer stops the scan.
/// </summary>
internal interface IWordHandler
{
    /// <summary>
    /// The most characters of words that <see cref="Packed"/> takes, at most 16; longer ones are given to <see cref="Normalized"/>.
    /// </summary>
    int LongestPacked { get; }

    /// <summary>Words of ASCII letters and digits, or of one ASCII punctuation character, in the tokenizer's case.</summary>
    bool Packed(WordBatch words);

    /// <summary>Any word, normalized, of <paramref name="scalars"/> Unicode scalar values.</summary>
    bool Normalized(NormalizedText text, int start, int length, int scalars);
}

/// <summary>
/// Text to words: normalization and cutting at white space and punctuation. 64 characters are classified at a time; the words of ASCII
/// letters and digits among them are read straight from the text, without a branch on their characters. Whatever stands between ASCII white
/// space or punctuation and has other characters is folded one by one, and the rare source word whose marks may change places goes through
/// <see cref="Normalizer"/>.
/// </summary>
internal sealed class WordScanner
{
    /// <summary>
    /// How much of the text must be readable from the start of a block on: the block, and a packed word that starts at its last character.
    /// </summary>
    private const int Readable = AsciiBlock.Length + PackedWord.MaxCharacters;

    private const CharacterClass SimplePunctuation =
        CharacterClass.Punctuation | CharacterClass.HasNormalForm | CharacterClass.HasLowerCase | CharacterClass.Chinese;

    private readonly Normalizer.Settings _settings;
    private readonly FoldTable _folds;

    internal WordScanner(in Normalizer.Settings settings)
    {
        _settings = settings;
        _folds = FoldTable.For(settings);
    }

    /// <summary>The normalization.</summary>
    internal Normalizer.Settings Settings => _settings;

    /// <summary>
    /// Gives the words of <paramref name="text"/> from <paramref name="i"/> on to the handler; false where it stopped the scan.
    /// </summary>
    internal bool Scan<THandler>(ReadOnlySpan<char> text, int i, ref THandler handler, Scratch scratch)
        where THandler : struct, IWordHandler, allows ref struct
    {
        scratch.Words.Clear();
        if (!ScanBlocks(text, ref i, text.Length - Readable + 1, text, 0, ref handler, scratch))
            return false;
        if (i < text.Length)
        {
            // The rest is read from a copy with spaces behind it.
            var tail = scratch.Tail(2 * Readable);
            text[i..].CopyTo(tail);
            tail[(text.Length - i)..].Fill(' ');
            if (!ScanBlocks(text, ref i, text.Length, tail, i, ref handler, scratch))
                return false;
        }

        return Flush(ref handler, scratch.Words);
    }

    /// <summary>Gives the words of a part of a normalized text to the handler; false where it stopped the scan.</summary>
    internal static bool ScanNormalized<THandler>(NormalizedText text, int from, int to, ref THandler handler)
        where THandler : struct, IWordHandler, allows ref struct
    {
        var characters = text.Characters[..to];
        var i = from;
        while (i < to)
        {
            var kinds = UnicodeTables.ClassOf(UnicodeTables.Read(characters, i, out var length));
            var start = i;
            i += length;
            if ((kinds & CharacterClass.WhiteSpace) != 0)
                continue;
            var scalars = 1;
            if ((kinds & CharacterClass.Punctuation) == 0)
            {
                while (i < to
                    && (UnicodeTables.ClassOf(UnicodeTables.Read(characters, i, out length))
                        & (CharacterClass.WhiteSpace | CharacterClass.Punctuation)) == 0)
                {
                    i += length;
                    scalars++;
                }
            }

            if (!handler.Normalized(text, start, i - start, scalars))
                return false;
        }

        return true;
    }

    private static bool Flush<THandler>(ref THandler handler, WordBatch words)
        where THandler : struct, IWordHandler, allows ref struct
    {
        if (words.Count == 0)
            return true;
        var more = handler.Packed(words);
        words.Clear();
        return more;
    }

    /// <summary>
    /// Gives the words of the blocks that start before <paramref name="stop"/> to the handler, some of them still in the batch, and moves
    /// <paramref name="i"/> behind them.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="i">Where to start in the text.</param>
    /// <param name="stop">Where to stop: no block starts there or behind.</param>
    /// <param name="readable">What to read the blocks from: the text or a copy of a part of it, 80 characters of it readable from each
    /// block's start.</param>
    /// <param name="origin">Where <paramref name="readable"/> starts in the text.</param>
    /// <param name="handler">Receives the words.</param>
    /// <param name="scratch">The thread's scratch space.</param>
    private bool ScanBlocks<THandler>(ReadOnlySpan<char> text, ref int i, int stop, ReadOnlySpan<char> readable, int origin,
        ref THandler handler, Scratch scratch)
        where THandler : struct, IWordHandler, allows ref struct
    {
        var batch = scratch.Words;
        var caseBit = Vector128.Create((byte)(_settings.LowerCase ? 0x20 : 0));
        var longest = handler.LongestPacked;
        var position = i;
        while (position < stop)
        {
            ref var start = ref Unsafe.As<char, ushort>(ref Unsafe.Add(ref MemoryMarshal.GetReference(readable), position - origin));
            var block = AsciiBlock.Load(ref start);

            // A word that reaches the end of the block may go on behind it: it is left to the next block, unless it fills this one.
            var end = AsciiBlock.Length - BitOperations.LeadingZeroCount(~block.Words);
            var starts = block.Starts & (ulong.MaxValue >> (AsciiBlock.Length - end));
            if (batch.Count + BitOperations.PopCount(starts) > WordBatch.Capacity && !Flush(ref handler, batch))
                return false;
            starts = batch.Add(ref start, block, starts, BitOperations.TrailingZeroCount(block.Others), longest, position, caseBit);
            if (starts == 0)
            {
                position += end;
                continue;
            }

            // The first word that is not simple.
            position += BitOperations.TrailingZeroCount(starts);
            if (!Flush(ref handler, batch) || !ScanRun(text, ref position, ref handler, scratch))
                return false;
        }

        i = position;
        return true;
    }

    /// <summary>
    /// Gives the words of the characters from <paramref name="i"/> to the next ASCII white space or punctuation to the handler, and moves
    /// <paramref name="i"/> there.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool ScanRun<THandler>(ReadOnlySpan<char> text, ref int i, ref THandler handler, Scratch scratch)
        where THandler : struct, IWordHandler, allows ref struct
    {
        var word = scratch.Normalized;
        word.Clear();
        var first = i;
        var wordStart = i;
        var scalars = 0;
        while (i < text.Length)
        {
            var c = text[i];
            var fold = _folds[c];
            var position = i++;
            switch (fold.Kind)
            {
                case FoldKind.Letter:
                    word.Append(fold.Character, position, i);
                    scalars++;
                    continue;
                case FoldKind.Dropped:
                    continue;
                case FoldKind.Hangul:
                    scalars += AppendHangul(c, position, word);
                    continue;
                case FoldKind.Surrogate:
                    var codePoint = UnicodeTables.Read(text, position, out var length);
                    var kinds = UnicodeTables.ClassOf(codePoint);
                    if (kinds != CharacterClass.None || length == 1)
                        break;
                    i = position + length;
                    word.Append(codePoint, position, i);
                    scalars++;
                    continue;
                case FoldKind.Complex:
                    break;
                default:
                    if (c < 128 && position > first)
                    {
                        i = position;
                        return scalars == 0 || handler.Normalized(word, 0, word.Length, scalars);
                    }

                    if (scalars > 0 && !handler.Normalized(word, 0, word.Length, scalars))
                        return false;
                    word.Clear();
                    scalars = 0;
                    wordStart = i;
                    if (fold.Kind == FoldKind.Single)
                    {
                        word.Append(fold.Character, position, i);
                        if (!handler.Normalized(word, 0, 1, 1))
                            return false;
                        word.Clear();
                    }

                    continue;
            }

            // The word's characters so far, and those up to where a word surely ends, are normalized together.
            var stop = SourceWordEnd(text, position);
            word.Clear();
            scratch.Normalizer.Normalize(text, wordStart, stop, _settings, word);
            if (!ScanNormalized(word, 0, word.Length, ref handler))
                return false;
            word.Clear();
            scalars = 0;
            wordStart = i = stop;
        }

        return scalars == 0 || handler.Normalized(word, 0, word.Length, scalars);
    }

    private static int AppendHangul(char syllable, int position, NormalizedText word)
    {
        Span<int> letters = stackalloc int[4];
        var count = UnicodeTables.Decompose(syllable, letters);
        foreach (var letter in letters[..count])
            word.Append(letter, position, position + 1);
        return count;
    }

    /// <summary>
    /// Where the source word of the character at <paramref name="start"/> surely ends: at white space, at punctuation that stays itself,
    /// around a Chinese character that is spaced.
    /// </summary>
    private int SourceWordEnd(ReadOnlySpan<char> text, int start)
    {
        var codePoint = UnicodeTables.Read(text, start, out var length);
        var i = start + length;
        if (_settings.HandleChineseChars && (UnicodeTables.ClassOf(codePoint) & CharacterClass.Chinese) != 0)
            return i;
        while (i < text.Length && !EndsWord(UnicodeTables.ClassOf(UnicodeTables.Read(text, i, out length))))
            i += length;
        return i;
    }

    private bool EndsWord(CharacterClass kinds)
    {
        if (_settings.CleanText && (kinds & CharacterClass.Removed) != 0)
            return false;
        return (kinds & CharacterClass.WhiteSpace) != 0
            || (kinds & SimplePunctuation) == CharacterClass.Punctuation
            || (_settings.HandleChineseChars && (kinds & CharacterClass.Chinese) != 0);
    }
}
