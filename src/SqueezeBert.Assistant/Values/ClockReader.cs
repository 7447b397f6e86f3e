using System.Globalization;

namespace SqueezeBert.Assistant.Values;

/// <summary>
/// Times of the day in English: "7", "7:30", "half past seven", "quarter to eight", "seven thirty", "7 pm", "seven in the evening",
/// "noon". Without a word for the half of the day, the hour is that of a day of 24 hours. At night, 12 to 4 are the hours behind midnight.
/// </summary>
internal static class ClockReader
{
    private static readonly TimeOnly Noon = new(12, 0);
    private static readonly ClockTime Midnight = new(TimeOnly.MinValue, IsSure: true) { IsMidnight = true };

    /// <summary>Reads one; null: none.</summary>
    public static ClockTime? Read(Phrase phrase)
    {
        var start = phrase.Place;
        phrase.SkipAny("at", "by", "around", "about", "for");
        if (phrase.SkipAny("noon", "midday")) return new ClockTime(Noon, true);
        if (phrase.Skip("midnight")) return Midnight;
        if (ReadHourAndMinute(phrase) is var (hour, minute, second, isBefore))
        {
            if ((hour, minute, second) == (12, 0, 0) && phrase.SkipAny("noon", "midday")) return new ClockTime(Noon, true);
            if ((hour, minute, second) == (12, 0, 0) && phrase.Skip("midnight")) return Midnight;
            phrase.SkipAny("o'clock", "oclock");

            // On the face of a clock, the hour before one is twelve.
            var isHourOfFace = hour is >= 1 and <= 12 || (hour == 0 && isBefore);
            var part = ReadPart(phrase);
            if (part is { } said && isHourOfFace) hour = ClockTime.HourOf(said, hour);
            else if (part == PartOfDay.Afternoon && hour < 12) hour = -1;
            if (hour is >= 0 and < 24 && minute is >= 0 and < 60 && second is >= 0 and < 60)
                return new ClockTime(new TimeOnly(hour, minute, second), part is not null || !isHourOfFace, part);
        }

        phrase.Place = start;
        return null;
    }

    // "Quarter to eight" is before the hour that it names.
    private static (int Hour, int Minute, int Second, bool IsBefore)? ReadHourAndMinute(Phrase phrase)
    {
        if (phrase.Peek().Contains(':', StringComparison.Ordinal))
            return ReadDigits(phrase) is var (hours, minutesOfHour, seconds) ? (hours, minutesOfHour, seconds, false) : null;
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
                if (NumberReader.ReadSmall(phrase) is { } minute && (minute >= 10 || isZero)) return (first, minute, 0, false);
                phrase.Place = place;
                return (first, 0, 0, false);
            }
        }

        if (minutes is not { } before) return null;
        if (phrase.Skip("past") && NumberReader.ReadSmall(phrase) is { } hour) return (hour, before, 0, false);
        return phrase.Skip("to") && NumberReader.ReadSmall(phrase) is { } next ? ((next + 23) % 24, 60 - before, 0, true) : null;
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

    private static PartOfDay? ReadPart(Phrase phrase)
    {
        if (phrase.Skip("am") || phrase.Skip("in", "the", "morning")) return PartOfDay.Morning;
        if (phrase.Skip("pm") || phrase.Skip("in", "the", "afternoon")) return PartOfDay.Afternoon;
        if (phrase.Skip("in", "the", "evening")) return PartOfDay.Evening;
        return phrase.Skip("at", "night") || phrase.Skip("tonight") ? PartOfDay.Night : null;
    }
}
