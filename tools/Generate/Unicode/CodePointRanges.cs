using System.Globalization;

namespace SqueezeBert.Generate.Unicode;

/// <summary>Code points in hexadecimal digits, and sets of them as inclusive ranges.</summary>
internal static class CodePointRanges
{
    /// <summary>One code point in hexadecimal digits.</summary>
    /// <exception cref="InvalidDataException">The text is none.</exception>
    internal static int CodePoint(string text) =>
        int.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 0x10FFFF
            ? value
            : throw new InvalidDataException($"\"{text}\" is not a code point in hexadecimal digits");

    /// <summary>The code points of a single one or of a range, whose ends the separator divides.</summary>
    internal static IEnumerable<int> Parse(string text, string separator)
    {
        var ends = text.Split(separator);
        int first = CodePoint(ends[0]), last = CodePoint(ends[^1]);
        return Enumerable.Range(first, last - first + 1);
    }

    /// <summary>First, last, first, last, … of a set; ranges that touch are one.</summary>
    internal static IEnumerable<int> Of(SortedSet<int> codePoints) =>
        OfEqual(codePoints.ToDictionary(c => c, _ => 0)).SelectMany(range => new[] { range.First, range.Last });

    /// <summary>The ranges of neighbours with equal values.</summary>
    internal static IEnumerable<(int First, int Last, int Value)> OfEqual(IReadOnlyDictionary<int, int> values)
    {
        (int First, int Last, int Value)? range = null;
        foreach (var (c, value) in values.OrderBy(pair => pair.Key))
        {
            if (range is { } open && c == open.Last + 1 && value == open.Value)
            {
                range = open with { Last = c };
                continue;
            }

            if (range is { } done)
                yield return done;
            range = (c, c, value);
        }

        if (range is { } rest)
            yield return rest;
    }
}
