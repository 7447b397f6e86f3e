using System.Globalization;

namespace SqueezeBert.Assistant.Values;

/// <summary>
/// Times of the day in English: "7", "7:30", "half past seven", "quarter to eight", "seven thirty", "7 pm", "seven in the evening",
/// "noon". Without a word for the half of the day, the hour is that of a day of 24 hours.
/// </summary>
internal static class ClockReader
{
    /// <summary>Reads one; null: none.</summary>
    public static TimeOnly? Read(Phrase phrase)
    {
        var start = phrase.Place;
        phrase.SkipAny("at", "by", "around", "about", "for");
        if (phrase.SkipAny("noon", "midday")) return new TimeOnly(12, 0);
        if (phrase.Skip("midnight")) return new TimeOnly(0, 0);
        if (ReadHourAndMinute(phrase) is var (hour, minute, second))
        {
            phrase.SkipAny("o'clock", "oclock");
            if (ReadHalf(phrase) is { } isAfternoon)
            {
                if (hour is >= 1 and <= 12) hour = (hour % 12) + (isAfternoon ? 12 : 0);
                else if (isAfternoon && hour < 12) hour = -1;
            }

            if (hour is >= 0 and < 24 && minute is >= 0 and < 60 && second is >= 0 and < 60) return new TimeOnly(hour, minute, second);
        }

        phrase.Place = start;
        return null;
    }

    private static (int Hour, int Minute, int Second)? ReadHourAndMinute(Phrase phrase)
    {
        if (phrase.Peek().Contains(':', StringComparison.Ordinal)) return ReadDigits(phrase);
        var minutes = phrase.Skip("half") ? 30 : phrase.Skip("a", "quarter") || phrase.Skip("quarter") ? 15 : (int?)null;
        if (minutes is null && NumberReader.ReadSmall(phrase) is { } first)
        {
            var place = phrase.Place;
            phrase.SkipAny("minutes", "minute");
            if (phrase.Peek() is "past" or "to")
            {
                minutes = first;
            }
            else
            {
                // "seven thirty", "seven oh five"; of "7 30", both stand in digits.
                phrase.Place = place;
                var isZero = phrase.SkipAny("oh", "o");
                if (NumberReader.ReadSmall(phrase) is { } minute && (minute >= 10 || isZero)) return (first, minute, 0);
                phrase.Place = place;
                return (first, 0, 0);
            }
        }

        if (minutes is not { } before) return null;
        if (phrase.Skip("past") && NumberReader.ReadSmall(phrase) is { } hour) return (hour, before, 0);
        return phrase.Skip("to") && NumberReader.ReadSmall(phrase) is { } next ? ((next + 23) % 24, 60 - before, 0) : null;
    }

    private static (int Hour, int Minute, int Second)? ReadDigits(Phrase phrase)
    {
        var parts = phrase.Peek().Split(':');
        if (parts.Length is not (2 or 3)) return null;
        var numbers = new int[3];
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].Length > 2) return null;
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i])) return null;
        }

        phrase.Place++;
        return (numbers[0], numbers[1], numbers[2]);
    }

    private static bool? ReadHalf(Phrase phrase)
    {
        if (phrase.Skip("am") || phrase.Skip("in", "the", "morning")) return false;
        return phrase.Skip("pm") || phrase.Skip("in", "the", "afternoon") || phrase.Skip("in", "the", "evening")
            || phrase.Skip("at", "night") || phrase.Skip("tonight") ? true : null;
    }
}
