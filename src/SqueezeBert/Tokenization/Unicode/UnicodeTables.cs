using System.Runtime.CompilerServices;

namespace SqueezeBert.Tokenization.Unicode;

/// <summary>What the reference tokenizer does with a code point.</summary>
[Flags]
internal enum CharacterClass : byte
{
    /// <summary>A letter, a digit or anything else that words are made of.</summary>
    None = 0,

    /// <summary>Dropped by clean text.</summary>
    Removed = 1,

    /// <summary>Mapped to a space by clean text.</summary>
    MappedToSpace = 2,

    /// <summary>Separates words and disappears.</summary>
    WhiteSpace = 4,

    /// <summary>A word of its own.</summary>
    Punctuation = 8,

    /// <summary>Surrounded with spaces.</summary>
    Chinese = 16,

    /// <summary>A non-spacing mark, dropped by strip accents.</summary>
    StrippedMark = 32,

    /// <summary>Has a lower case.</summary>
    HasLowerCase = 64,

    /// <summary>Has a canonical decomposition or a combining class.</summary>
    HasNormalForm = 128,
}

/// <summary>
/// The character data of the reference tokenizer. It follows no single version of Unicode, so nothing here asks the platform.
/// Code points are 0 to 0x10FFFF; the entries of surrogates are empty.
/// </summary>
internal static class UnicodeTables
{
    internal const int HangulFirst = 0xAC00;
    internal const int HangulLast = 0xD7A3;

    private const int PageBits = 8;
    private const int PageSize = 1 << PageBits;

    // Pages of equal classes are one array: most of Unicode is, and what is not there need not be written at the start of every process.
    private static readonly CharacterClass[][] ClassPages = BuildClasses();

    /// <summary>The classes of one code point.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static CharacterClass ClassOf(int codePoint) => ClassPages[codePoint >> PageBits][codePoint & (PageSize - 1)];

    /// <summary>The lower case of one code point. U+0130 gives "i"; its second character, U+0307, is the caller's business.</summary>
    internal static int ToLower(int codePoint)
    {
        if (codePoint < 128)
            return (uint)(codePoint - 'A') <= 'Z' - 'A' ? codePoint + 32 : codePoint;
        return (ClassOf(codePoint) & CharacterClass.HasLowerCase) != 0 ? Maps.LowerCase[codePoint] : codePoint;
    }

    /// <summary>The canonical combining class, 0 for starters.</summary>
    internal static int CombiningClass(int codePoint) =>
        (ClassOf(codePoint) & CharacterClass.HasNormalForm) != 0 && Maps.CombiningClasses.TryGetValue(codePoint, out var value)
            ? value : 0;

    /// <summary>
    /// Writes the full canonical decomposition (at most 4 code points) and returns its length; 0 where the code point is its own.
    /// </summary>
    internal static int Decompose(int codePoint, Span<int> destination)
    {
        if ((ClassOf(codePoint) & CharacterClass.HasNormalForm) == 0)
            return 0;
        if (codePoint is >= HangulFirst and <= HangulLast)
        {
            var index = codePoint - HangulFirst;
            destination[0] = 0x1100 + (index / 588);
            destination[1] = 0x1161 + (index % 588 / 28);
            var trailing = index % 28;
            destination[2] = 0x11A7 + trailing;
            return trailing == 0 ? 2 : 3;
        }

        if (!Maps.DecompositionPositions.TryGetValue(codePoint, out var position))
            return 0;
        var entries = UnicodeDecompositionData.Entries;
        var count = entries[position] >> 24;
        entries.Slice(position + 1, count).CopyTo(destination);
        return count;
    }

    /// <summary>Whether a regular expression's \w matches the code point.</summary>
    internal static bool IsWordCharacter(int codePoint)
    {
        var ranges = UnicodeWordData.WordCharacters;
        int low = 0, high = (ranges.Length / 2) - 1;
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            if (codePoint < ranges[2 * middle])
                high = middle - 1;
            else if (codePoint > ranges[(2 * middle) + 1])
                low = middle + 1;
            else
                return true;
        }

        return false;
    }

    /// <summary>Whether Unicode calls the code point white space: what vocabulary lines are trimmed of.</summary>
    internal static bool IsWhiteSpace(int codePoint) => (ClassOf(codePoint) & CharacterClass.WhiteSpace) != 0;

    /// <summary>Reads the scalar value at <paramref name="index"/>; a lone surrogate reads as U+FFFD.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Read(ReadOnlySpan<char> text, int index, out int length)
    {
        var c = text[index];
        length = 1;
        if ((uint)(c - 0xD800) > 0x7FF)
            return c;
        if (c < 0xDC00 && index + 1 < text.Length && (uint)(text[index + 1] - 0xDC00) <= 0x3FF)
        {
            length = 2;
            return 0x10000 + ((c - 0xD800) << 10) + (text[index + 1] - 0xDC00);
        }

        return 0xFFFD;
    }

    private static CharacterClass[][] BuildClasses()
    {
        var uniform = new CharacterClass[]?[1 << (8 * sizeof(CharacterClass))];
        var pages = new CharacterClass[0x110000 / PageSize][];
        Array.Fill(pages, Uniform(CharacterClass.None));
        Mark(UnicodeClassData.Removed, CharacterClass.Removed);
        Mark(UnicodeClassData.MappedToSpace, CharacterClass.MappedToSpace);
        Mark(UnicodeClassData.WhiteSpace, CharacterClass.WhiteSpace);
        Mark(UnicodeClassData.Punctuation, CharacterClass.Punctuation);
        Mark(UnicodeClassData.Chinese, CharacterClass.Chinese);
        Mark(UnicodeClassData.StrippedMarks, CharacterClass.StrippedMark);
        Mark([HangulFirst, HangulLast, 0x130, 0x130], CharacterClass.HasNormalForm);
        Mark(['A', 'Z', 0x130, 0x130], CharacterClass.HasLowerCase);

        var lower = UnicodeCaseData.LowerCase;
        for (var i = 0; i < lower.Length; i += 4)
        {
            for (var c = lower[i]; c <= lower[i + 1]; c += lower[i + 2])
                Mark([c, c], CharacterClass.HasLowerCase);
        }

        var combining = UnicodeCaseData.CombiningClasses;
        for (var i = 0; i < combining.Length; i += 3)
            Mark(combining.Slice(i, 2), CharacterClass.HasNormalForm);

        var entries = UnicodeDecompositionData.Entries;
        for (var i = 0; i < entries.Length; i += 1 + (entries[i] >> 24))
            Mark([entries[i] & 0xFFFFFF, entries[i] & 0xFFFFFF], CharacterClass.HasNormalForm);
        return pages;

        void Mark(ReadOnlySpan<int> ranges, CharacterClass value)
        {
            for (var i = 0; i < ranges.Length; i += 2)
            {
                for (var first = ranges[i]; first <= ranges[i + 1]; first = (first | (PageSize - 1)) + 1)
                    MarkPage(first >> PageBits, first & (PageSize - 1),
                        Math.Min(ranges[i + 1] - (first & ~(PageSize - 1)), PageSize - 1), value);
            }
        }

        void MarkPage(int page, int first, int last, CharacterClass value)
        {
            var classes = pages[page];
            if (classes == uniform[(int)classes[0]])
            {
                if (first == 0 && last == PageSize - 1)
                {
                    pages[page] = Uniform(classes[0] | value);
                    return;
                }

                pages[page] = classes = [.. classes];
            }

            for (var i = first; i <= last; i++)
                classes[i] |= value;
        }

        CharacterClass[] Uniform(CharacterClass value)
        {
            if (uniform[(int)value] is { } known)
                return known;
            var page = new CharacterClass[PageSize];
            Array.Fill(page, value);
            return uniform[(int)value] = page;
        }
    }

    /// <summary>What few texts need, made when the first does.</summary>
    private static class Maps
    {
        internal static readonly Dictionary<int, int> LowerCase = BuildLowerCase();
        internal static readonly Dictionary<int, int> DecompositionPositions = BuildDecompositions();
        internal static readonly Dictionary<int, byte> CombiningClasses = BuildCombiningClasses();

        private static Dictionary<int, int> BuildLowerCase()
        {
            var map = new Dictionary<int, int>(1600) { [0x130] = 'i' };
            var lower = UnicodeCaseData.LowerCase;
            for (var i = 0; i < lower.Length; i += 4)
            {
                for (var c = lower[i]; c <= lower[i + 1]; c += lower[i + 2])
                    map[c] = c + lower[i + 3];
            }

            return map;
        }

        private static Dictionary<int, int> BuildDecompositions()
        {
            var map = new Dictionary<int, int>(2200);
            var entries = UnicodeDecompositionData.Entries;
            for (var i = 0; i < entries.Length; i += 1 + (entries[i] >> 24))
                map[entries[i] & 0xFFFFFF] = i;
            return map;
        }

        private static Dictionary<int, byte> BuildCombiningClasses()
        {
            var map = new Dictionary<int, byte>(1000);
            var combining = UnicodeCaseData.CombiningClasses;
            for (var i = 0; i < combining.Length; i += 3)
            {
                for (var c = combining[i]; c <= combining[i + 1]; c++)
                    map[c] = (byte)combining[i + 2];
            }

            return map;
        }
    }
}
