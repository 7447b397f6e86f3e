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

    /// <summary>
    /// The most scalar values of words whose characters matter. Of longer ones <see cref="Normalized"/> is given one scalar value more than
    /// that, and where they end, so that a word takes no more memory than this however long it is.
    /// </summary>
    int LongestWord { get; }

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
    /// <summary>The characters between two looks at the cancellation token.</summary>
    internal const int CheckInterval = 1 << 13;

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
    internal bool Scan<THandler>(ReadOnlySpan<char> text, int i, ref THandler handler, Scratch scratch,
        CancellationToken cancellationToken = default)
        where THandler : struct, IWordHandler, allows ref struct
    {
        scratch.Words.Clear();
        var stop = text.Length - Readable + 1;
        while (i < stop)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!ScanBlocks(text, ref i, i + Math.Min(stop - i, CheckInterval), text, 0, ref handler, scratch, cancellationToken))
                return false;
        }

        if (i < text.Length)
        {
            // The rest is read from a copy with spaces behind it.
            var tail = scratch.Tail(2 * Readable);
            text[i..].CopyTo(tail);
            tail[(text.Length - i)..].Fill(' ');
            if (!ScanBlocks(text, ref i, text.Length, tail, i, ref handler, scratch, cancellationToken))
                return false;
        }

        return Flush(ref handler, scratch.Words);
    }

    /// <summary>
    /// The last place between <paramref name="from"/> and <paramref name="to"/> where the text can be cut without a change to its words,
    /// whatever is behind: before white space, punctuation or a spaced Chinese character. -1 where there is none.
    /// </summary>
    internal int FindLastCut(ReadOnlySpan<char> text, int from, int to)
    {
        for (var i = to - 1; i >= from; i--)
        {
            if (_folds[text[i]].Kind is FoldKind.Space or FoldKind.Single)
                return i;
        }

        return -1;
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
    /// <param name="cancellationToken">Cancels the call. It is checked in long words only.</param>
    private bool ScanBlocks<THandler>(ReadOnlySpan<char> text, ref int i, int stop, ReadOnlySpan<char> readable, int origin,
        ref THandler handler, Scratch scratch, CancellationToken cancellationToken)
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
            if (!Flush(ref handler, batch) || !ScanRun(text, ref position, ref handler, scratch, cancellationToken))
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
    private bool ScanRun<THandler>(ReadOnlySpan<char> text, ref int i, ref THandler handler, Scratch scratch,
        CancellationToken cancellationToken)
        where THandler : struct, IWordHandler, allows ref struct
    {
        var word = scratch.Word;
        word.Clear();
        var longest = handler.LongestWord;
        var first = i;
        var wordStart = i;
        var scalars = 0;
        while (true)
        {
            var pause = i + Math.Min(text.Length - i, CheckInterval);
            while (i < pause)
            {
                var c = text[i];
                var fold = _folds[c];
                var position = i++;
                switch (fold.Kind)
                {
                    case FoldKind.Letter:
                        word.AppendToWord(fold.Character, position, i, ref scalars, longest);
                        continue;
                    case FoldKind.Dropped:
                        continue;
                    case FoldKind.Hangul:
                        AppendHangul(c, position, word, ref scalars, longest);
                        continue;
                    case FoldKind.Surrogate:
                        var codePoint = UnicodeTables.Read(text, position, out var length);
                        var kinds = UnicodeTables.ClassOf(codePoint);
                        if (kinds != CharacterClass.None || length == 1)
                            break;
                        i = position + length;
                        word.AppendToWord(codePoint, position, i, ref scalars, longest);
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
                i = position;
                if (!ScanSourceWord(text, wordStart, ref i, ref handler, scratch, cancellationToken))
                    return false;
                scalars = 0;
                wordStart = i;
                break;
            }

            if (i >= text.Length)
                return scalars == 0 || handler.Normalized(word, 0, word.Length, scalars);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>
    /// Gives the words of the source word that starts at <paramref name="start"/> and has the character at <paramref name="i"/> to the
    /// handler, and moves <paramref name="i"/> to its end.
    /// </summary>
    private bool ScanSourceWord<THandler>(ReadOnlySpan<char> text, int start, ref int i, ref THandler handler, Scratch scratch,
        CancellationToken cancellationToken)
        where THandler : struct, IWordHandler, allows ref struct
    {
        var normalizer = scratch.Normalizer;
        var cutter = new WordCutter<THandler>(handler, scratch.Word);
        normalizer.Begin(_settings);
        var codePoint = UnicodeTables.Read(text, i, out var length);
        var ended = _settings.HandleChineseChars && (UnicodeTables.ClassOf(codePoint) & CharacterClass.Chinese) != 0;
        i += length;
        while (true)
        {
            if (!ended)
                ended = FindSourceWordEnd(text, ref i);
            normalizer.Add(text, start, i, ref cutter, cancellationToken);
            if (ended || cutter.IsStopped)
                break;
            start = i;
        }

        if (!cutter.IsStopped)
        {
            normalizer.Finish(text, i, ref cutter, cancellationToken);
            cutter.EndWord();
        }

        handler = cutter.Handler;
        return !cutter.IsStopped;
    }

    private static void AppendHangul(char syllable, int position, NormalizedText word, ref int scalars, int longest)
    {
        Span<int> letters = stackalloc int[4];
        var count = UnicodeTables.Decompose(syllable, letters);
        foreach (var letter in letters[..count])
            word.AppendToWord(letter, position, position + 1, ref scalars, longest);
    }

    /// <summary>
    /// Moves <paramref name="i"/> to where a source word surely ends: at white space, at punctuation that stays itself, around a Chinese
    /// character that is spaced. False where that is further away than the token is looked at.
    /// </summary>
    private bool FindSourceWordEnd(ReadOnlySpan<char> text, ref int i)
    {
        var pause = i + Math.Min(text.Length - i, CheckInterval);
        while (i < pause)
        {
            if (EndsWord(UnicodeTables.ClassOf(UnicodeTables.Read(text, i, out var length))))
                return true;
            i += length;
        }

        return i >= text.Length;
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
