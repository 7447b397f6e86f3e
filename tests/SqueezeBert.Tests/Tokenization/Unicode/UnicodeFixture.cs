using System.Globalization;
using System.Text.Json;

namespace SqueezeBert.Tests.Tokenization.Unicode;

/// <summary>unicode-tables.json: what the reference does with each scalar value.</summary>
internal sealed class UnicodeFixture
{
    private UnicodeFixture()
    {
        using var stream = TokenizerFixtures.Open("unicode-tables.json");
        using var document = JsonDocument.Parse(stream);
        var root = document.RootElement;
        Removed = Set("removed_by_clean_text");
        MappedToSpace = Set("mapped_to_space");
        Chinese = Set("spaced_as_chinese");
        StrippedMarks = Set("stripped_marks");
        Punctuation = Set("split_as_punctuation");
        WhiteSpace = Set("split_as_whitespace");
        LowerCase = Map("lowercase");
        DecomposedWithoutMarks = Map("decomposed_without_marks");

        HashSet<int> Set(string name)
        {
            var set = new HashSet<int>();
            foreach (var range in root.GetProperty(name).EnumerateArray())
            {
                var ends = range.GetString()!.Split('-');
                for (var c = Hexadecimal(ends[0]); c <= Hexadecimal(ends[^1]); c++)
                    set.Add(c);
            }

            return set;
        }

        Dictionary<int, int[]> Map(string name) => root.GetProperty(name).EnumerateObject().ToDictionary(
            p => Hexadecimal(p.Name),
            p => p.Value.EnumerateArray().Select(e => Hexadecimal(e.GetString()!)).ToArray());

        static int Hexadecimal(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    internal static UnicodeFixture Instance { get; } = new();

    internal HashSet<int> Removed { get; }

    internal HashSet<int> MappedToSpace { get; }

    internal HashSet<int> Chinese { get; }

    internal HashSet<int> StrippedMarks { get; }

    internal HashSet<int> Punctuation { get; }

    internal HashSet<int> WhiteSpace { get; }

    internal Dictionary<int, int[]> LowerCase { get; }

    internal Dictionary<int, int[]> DecomposedWithoutMarks { get; }

    /// <summary>All 1,112,064 Unicode scalar values.</summary>
    internal static IEnumerable<int> Scalars => Enumerable.Range(0, 0xD800).Concat(Enumerable.Range(0xE000, 0x110000 - 0xE000));

    /// <summary>The canonical decomposition without stripped marks.</summary>
    internal int[] Strip(int c)
    {
        if (StrippedMarks.Contains(c))
            return [];
        if (c is >= 0xAC00 and <= 0xD7A3)
        {
            var index = c - 0xAC00;
            int[] jamo = [0x1100 + (index / 588), 0x1161 + (index % 588 / 28), 0x11A7 + (index % 28)];
            return index % 28 == 0 ? jamo[..2] : jamo;
        }

        return DecomposedWithoutMarks.GetValueOrDefault(c, [c]);
    }

    internal int[] Lower(int c) => LowerCase.GetValueOrDefault(c, [c]);
}
