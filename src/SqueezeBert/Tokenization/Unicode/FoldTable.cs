using System.Runtime.CompilerServices;
using SqueezeBert.Tokenization.Words;

namespace SqueezeBert.Tokenization.Unicode;

/// <summary>What becomes of one UTF-16 character of a text.</summary>
internal enum FoldKind : byte
{
    /// <summary>A part of a word, as the folded character.</summary>
    Letter,

    /// <summary>A word of its own, as the folded character: punctuation or a Chinese character.</summary>
    Single,

    /// <summary>Nothing; words go on.</summary>
    Dropped,

    /// <summary>Words end here.</summary>
    Space,

    /// <summary>A Hangul syllable that decomposes into its two or three letters, parts of a word.</summary>
    Hangul,

    /// <summary>Half of a character beyond U+FFFF, or nothing where the other half is missing.</summary>
    Surrogate,

    /// <summary>What depends on its neighbours or becomes several characters: left to <see cref="Normalizer"/>.</summary>
    Complex,
}

/// <summary>
/// What <see cref="Normalizer"/> makes of each UTF-16 character when it stands for itself, worked out 256 characters at a time when they
/// first occur. A character's result depends on others only where combining marks that stay change places; all of these are
/// <see cref="FoldKind.Complex"/>.
/// </summary>
internal sealed class FoldTable
{
    private const int PageSize = 256;

    private static readonly FoldTable?[] Tables = new FoldTable?[16];

    private readonly Normalizer.Settings _settings;
    private readonly Fold[]?[] _pages = new Fold[0x10000 / PageSize][];

    private FoldTable(in Normalizer.Settings settings) => _settings = settings;

    /// <summary>A character's kind, and what it is folded to.</summary>
    internal readonly record struct Fold(char Character, FoldKind Kind);

    /// <summary>The table of some settings; every tokenizer that has them shares it.</summary>
    internal static FoldTable For(in Normalizer.Settings settings)
    {
        var index = (settings.CleanText ? 1 : 0) | (settings.HandleChineseChars ? 2 : 0) | (settings.StripAccents ? 4 : 0)
            | (settings.LowerCase ? 8 : 0);
        return Volatile.Read(ref Tables[index]) ?? Interlocked.CompareExchange(ref Tables[index], new FoldTable(settings), null)
            ?? Tables[index]!;
    }

    /// <summary>The fold of a character.</summary>
    internal Fold this[char c]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (_pages[c / PageSize] ?? Build(c / PageSize))[c % PageSize];
    }

    // Threads that build the same page build the same page.
    private Fold[] Build(int page)
    {
        var normalizer = new Normalizer();
        var output = new NormalizedText();
        var folds = new Fold[PageSize];
        for (var i = 0; i < PageSize; i++)
            folds[i] = Work((char)((page * PageSize) + i), normalizer, output);
        Volatile.Write(ref _pages[page], folds);
        return folds;
    }

    private Fold Work(char c, Normalizer normalizer, NormalizedText output)
    {
        if (char.IsSurrogate(c))
            return new Fold(c, FoldKind.Surrogate);
        if (_settings.StripAccents && HasMarkThatStays(c))
            return new Fold(c, FoldKind.Complex);
        output.Clear();
        normalizer.Normalize([c], 0, 1, _settings, output);
        var folded = output.Characters;
        if (_settings.HandleChineseChars && (UnicodeTables.ClassOf(c) & CharacterClass.Chinese) != 0)
            return folded.Length == 3 ? new Fold(folded[1], FoldKind.Single) : new Fold(c, FoldKind.Complex);
        if (folded.Length == 0)
            return new Fold(c, FoldKind.Dropped);
        if (folded.Length > 1)
            return new Fold(c, (int)c is >= UnicodeTables.HangulFirst and <= UnicodeTables.HangulLast ? FoldKind.Hangul : FoldKind.Complex);
        var kinds = UnicodeTables.ClassOf(folded[0]);
        return new Fold(folded[0], (kinds & CharacterClass.WhiteSpace) != 0 ? FoldKind.Space
            : (kinds & CharacterClass.Punctuation) != 0 ? FoldKind.Single : FoldKind.Letter);
    }

    private static bool HasMarkThatStays(char c)
    {
        Span<int> pieces = stackalloc int[4];
        var count = UnicodeTables.Decompose(c, pieces);
        if (count == 0)
            pieces[count++] = c;
        foreach (var piece in pieces[..count])
        {
            if (UnicodeTables.CombiningClass(piece) != 0 && (UnicodeTables.ClassOf(piece) & CharacterClass.StrippedMark) == 0)
                return true;
        }

        return false;
    }
}
