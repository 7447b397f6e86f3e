using System.Globalization;
using System.Text.RegularExpressions;

namespace SqueezeBert.Assistant.Values;

/// <summary>English numbers in digits and words.</summary>
internal static partial class NumberReader
{
    private static readonly string[] Units =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
        "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ];

    private static readonly string[] Tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    private static readonly string[] Ordinals =
    [
        "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth",
        "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
    ];

    private static readonly string[] TenOrdinals =
        ["twentieth", "thirtieth", "fortieth", "fiftieth", "sixtieth", "seventieth", "eightieth", "ninetieth"];

    private static readonly (string Name, double Value)[] Scales =
        [("thousand", 1e3), ("k", 1e3), ("million", 1e6), ("billion", 1e9), ("bn", 1e9)];

    /// <summary>
    /// Reads "minus five", "1,250.5", "1,5", "two hundred and three", "a hundred and five", "one and a half", "half a million", "a dozen";
    /// null: none.
    /// </summary>
    public static double? Read(Phrase phrase)
    {
        var start = phrase.Place;
        var isNegative = phrase.SkipAny("minus", "negative", "-");
        var number = ReadUnsigned(phrase);
        if (number is null) phrase.Place = start;
        return isNegative ? -number : number;
    }

    /// <summary>Reads a whole number of at most two digits, as those of clocks and calendars; null: none.</summary>
    public static int? ReadSmall(Phrase phrase)
    {
        var word = phrase.Peek();
        if (word.Length is 1 or 2 && int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var digits))
        {
            phrase.Place++;
            return digits;
        }

        return ReadBelowHundred(phrase);
    }

    /// <summary>Reads "third", "22nd", "twenty third"; null: none.</summary>
    public static int? ReadOrdinal(Phrase phrase)
    {
        if (int.TryParse(phrase.Peek(), NumberStyles.None, CultureInfo.InvariantCulture, out var digits)
            && phrase.Peek(1) is "st" or "nd" or "rd" or "th")
        {
            phrase.Place += 2;
            return digits;
        }

        if (Array.IndexOf(Ordinals, phrase.Peek()) is >= 0 and var unit) return Advance(phrase, unit);
        if (Array.IndexOf(TenOrdinals, phrase.Peek()) is >= 0 and var ten) return Advance(phrase, (ten + 2) * 10);
        if (Array.IndexOf(Tens, phrase.Peek()) is not (>= 0 and var tens)) return null;
        var ahead = phrase.Peek(1) == "-" ? 2 : 1;
        if (Array.IndexOf(Ordinals, phrase.Peek(ahead)) is not (>= 1 and <= 9 and var last)) return null;
        phrase.Place += ahead + 1;
        return ((tens + 2) * 10) + last;
    }

    private static int Advance(Phrase phrase, int value)
    {
        phrase.Place++;
        return value;
    }

    private static double? ReadUnsigned(Phrase phrase)
    {
        if (phrase.Skip("half", "a") || phrase.Skip("half"))
            return ReadScale(phrase) is { } scaled ? scaled / 2 : phrase.Skip("dozen") ? 6 : 0.5;
        if (phrase.Skip("a", "dozen") || phrase.Skip("dozen")) return 12;
        var total = 0.0;
        var last = 1.0;
        var any = false;
        while (((any ? null : ReadArticle(phrase)) ?? ReadGroup(phrase)) is { } group)
        {
            any = true;
            last = ReadScale(phrase) ?? 1;
            total += group * last;
            if (!StartsGroup(phrase)) break;
            phrase.Skip("and");
        }

        if (!any) return null;
        if (phrase.Skip("dozen")) return total * 12;

        // "A million and a half" is half a million more.
        if (phrase.Skip("and", "a", "half")) return total + (0.5 * last);
        if (phrase.Skip("and", "a", "quarter")) return total + (0.25 * last);
        if (phrase.Peek() == "point" && Array.IndexOf(Units, phrase.Peek(1)) is >= 0 and <= 9) total += ReadDecimals(phrase);
        return total;
    }

    // "a" is one before "hundred" and the names of scales only: "a hundred and five", "a thousand two hundred".
    private static double? ReadArticle(Phrase phrase)
    {
        if (phrase.Peek() is not ("a" or "an")) return null;
        if (phrase.Skip(phrase.Peek(), "hundred")) return ReadBehindHundred(phrase, 1);
        if (!Scales.Any(scale => scale.Name == phrase.Peek(1) && scale.Name.Length > 2)) return null;
        return Advance(phrase, 1);
    }

    // "thousand two" goes on only behind a scale; "seven thirty" is two numbers.
    private static bool StartsGroup(Phrase phrase)
    {
        var before = phrase.Peek(-1);
        if (!Scales.Any(scale => scale.Name == before && scale.Name.Length > 2)) return false;
        var next = phrase.Peek() == "and" ? phrase.Peek(1) : phrase.Peek();
        return Array.IndexOf(Units, next) >= 0 || Array.IndexOf(Tens, next) >= 0;
    }

    private static double ReadDecimals(Phrase phrase)
    {
        phrase.Place++;
        var (sum, share) = (0.0, 0.1);
        while (Array.IndexOf(Units, phrase.Peek()) is >= 0 and <= 9 and var digit)
        {
            sum += digit * share;
            share /= 10;
            phrase.Place++;
        }

        return Math.Round(sum, 10);
    }

    private static double? ReadScale(Phrase phrase)
    {
        foreach (var (name, value) in Scales)
        {
            if (phrase.Skip(name)) return value;
        }

        return null;
    }

    // A number below a thousand in words, or any in digits.
    private static double? ReadGroup(Phrase phrase)
    {
        var word = phrase.Peek();
        if (word.Length > 0 && char.IsAsciiDigit(word[0]))
        {
            if (ReadDigits(word) is not { } digits) return null;
            phrase.Place++;
            return digits;
        }

        var small = ReadBelowHundred(phrase);
        return small is null || !phrase.Skip("hundred") ? small : ReadBehindHundred(phrase, small.Value);
    }

    private static double ReadBehindHundred(Phrase phrase, int hundreds)
    {
        var start = phrase.Place;
        phrase.Skip("and");
        if (ReadBelowHundred(phrase) is { } rest) return (hundreds * 100) + rest;
        phrase.Place = start;
        return hundreds * 100;
    }

    // A comma is one of English groups of three digits (12,345.67), or before one or two digits a decimal comma (1,50). Any other has no
    // meaning that is sure.
    private static double? ReadDigits(string word)
    {
        var text = DecimalComma().IsMatch(word) ? word.Replace(',', '.')
            : EnglishDigits().IsMatch(word) ? word.Replace(",", "", StringComparison.Ordinal) : null;
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value : null;
    }

    [GeneratedRegex(@"^(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?$")]
    private static partial Regex EnglishDigits();

    [GeneratedRegex("^[0-9]+,[0-9]{1,2}$")]
    private static partial Regex DecimalComma();

    private static int? ReadBelowHundred(Phrase phrase)
    {
        if (Array.IndexOf(Units, phrase.Peek()) is >= 0 and var unit) return Advance(phrase, unit);
        if (Array.IndexOf(Tens, phrase.Peek()) is not (>= 0 and var ten)) return null;
        var ahead = phrase.Peek(1) == "-" ? 2 : 1;
        var digit = Array.IndexOf(Units, phrase.Peek(ahead));
        if (digit is >= 1 and <= 9)
        {
            phrase.Place += ahead + 1;
            return ((ten + 2) * 10) + digit;
        }

        return Advance(phrase, (ten + 2) * 10);
    }
}
