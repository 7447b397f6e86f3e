namespace SqueezeBert.Assistant.Values;

/// <summary>
/// Days with a time in English: "tomorrow at seven", "at 7 pm on Friday", "in 20 minutes", "tonight at 8", and a time alone (the next to
/// come). A night belongs to the day on which it begins: "tomorrow night at 1 am" is on the day after tomorrow. A time that is not in the
/// part of the day that was said ("tomorrow evening at 11 am") is none.
/// </summary>
internal static class MomentReader
{
    /// <summary>Reads one; null: none.</summary>
    public static (DateOnly Day, TimeOnly Time)? Read(Phrase phrase, DateTime now)
    {
        var start = phrase.Place;
        if (phrase.Skip("in") && DurationReader.Read(phrase) is { } ahead && ahead < DateTime.MaxValue - now)
        {
            var then = now + ahead;
            return (DateOnly.FromDateTime(then), new TimeOnly(then.Hour, then.Minute));
        }

        phrase.Place = start;
        var today = DateOnly.FromDateTime(now);
        if (ReadPart(phrase, today) is var (day, part))
        {
            if (ClockReader.Read(phrase) is { } hour) return Within(day, part, hour, now);
            return phrase.IsAtEnd ? (day, Usual(part)) : null;
        }

        var date = CalendarReader.Read(phrase, today);
        if (ClockReader.Read(phrase) is not { } clock) return null;
        if (date is null && ReadPart(phrase, today) is var (dayOfPart, later)) return Within(dayOfPart, later, clock, now);
        date ??= CalendarReader.Read(phrase, today);
        return date is { } named ? On(named, clock) : (NextDay(clock.Time, now), clock.Time);
    }

    /// <summary>The time on a day, or behind the midnight that ends it.</summary>
    public static (DateOnly Day, TimeOnly Time) On(DateOnly day, ClockTime clock) =>
        (clock.IsAfterMidnight ? CalendarReader.Shift(day, 1) : day, clock.Time);

    private static (DateOnly Day, TimeOnly Time)? Within(DateOnly day, PartOfDay part, ClockTime clock, DateTime now)
    {
        // The hour stands in a morning as it was said: "tomorrow morning at 12" is noon.
        var time = clock.IsSure || part == PartOfDay.Morning ? clock.Time
            : new TimeOnly(ClockTime.HourOf(part, clock.Time.Hour), clock.Time.Minute, clock.Time.Second);
        var isAfterMidnight = ClockTime.HasMidnight(part) && time.Hour < ClockTime.EndOfNight;
        var fits = part switch
        {
            PartOfDay.Morning => time.Hour <= 12,
            PartOfDay.Afternoon => time.Hour is >= 12 and <= 20,
            _ => isAfterMidnight || time.Hour > 12,
        };
        if (!fits) return null;
        if (!isAfterMidnight) return (day, time);

        // Who says "tonight" behind midnight means the night that it is.
        return (day == DateOnly.FromDateTime(now) ? NextDay(time, now) : CalendarReader.Shift(day, 1), time);
    }

    private static DateOnly NextDay(TimeOnly time, DateTime now)
    {
        var today = DateOnly.FromDateTime(now);
        return time <= TimeOnly.FromDateTime(now) ? CalendarReader.Shift(today, 1) : today;
    }

    private static (DateOnly Day, PartOfDay Part)? ReadPart(Phrase phrase, DateOnly today)
    {
        if (phrase.Skip("tonight")) return (today, PartOfDay.Night);
        if (phrase.Skip("this", "evening")) return (today, PartOfDay.Evening);
        if (phrase.Skip("this", "afternoon")) return (today, PartOfDay.Afternoon);
        var tomorrow = CalendarReader.Shift(today, 1);
        if (phrase.Skip("tomorrow", "morning")) return (tomorrow, PartOfDay.Morning);
        if (phrase.Skip("tomorrow", "afternoon")) return (tomorrow, PartOfDay.Afternoon);
        if (phrase.Skip("tomorrow", "evening")) return (tomorrow, PartOfDay.Evening);
        return phrase.Skip("tomorrow", "night") ? (tomorrow, PartOfDay.Night) : null;
    }

    // Where no time is said.
    private static TimeOnly Usual(PartOfDay part) => new(part switch { PartOfDay.Morning => 8, PartOfDay.Afternoon => 15, _ => 20 }, 0);
}
