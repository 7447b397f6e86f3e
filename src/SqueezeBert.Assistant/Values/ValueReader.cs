namespace SqueezeBert.Assistant.Values;

/// <summary>
/// From the words of a slot to its value, in English. All words must belong to the value; what is not understood has no value. A pure
/// function of the words and the time.
/// </summary>
internal static class ValueReader
{
    /// <summary>Reads a phrase.</summary>
    /// <param name="text">The words.</param>
    /// <param name="kind">What they are to be.</param>
    /// <param name="now">The time that "tomorrow" is seen from.</param>
    /// <returns>Null: they are no such value.</returns>
    public static SlotValue? Read(string text, ValueKind kind, DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        if (kind == ValueKind.Text) return SlotValue.OfText(text.Trim());
        if (text.Length > Phrase.MaxLength) return null;
        var phrase = new Phrase(text);
        var value = Read(phrase, kind, now);
        phrase.SkipAny("please", "then");
        return phrase.IsAtEnd ? value : null;
    }

    /// <summary>
    /// Reads a phrase that corrects a value: of a day with a time, the part that is not named stays ("no, Tuesday" keeps the time).
    /// </summary>
    /// <inheritdoc cref="Read(string, ValueKind, DateTimeOffset)"/>
    public static SlotValue? Amend(SlotValue? before, string text, ValueKind kind, DateTimeOffset now)
    {
        if (kind == ValueKind.DateTime && before is { Kind: ValueKind.DateTime } && Moment(before) is var (date, time))
        {
            if (Read(text, ValueKind.Date, now) is { } newDate) return SlotValue.Of(DateOf(newDate), time);
            if (Read(text, ValueKind.Time, now) is { } newTime) return SlotValue.Of(date, TimeOf(newTime));
        }

        return Read(text, kind, now);
    }

    private static SlotValue? Read(Phrase phrase, ValueKind kind, DateTimeOffset now)
    {
        switch (kind)
        {
            case ValueKind.Number:
                return NumberReader.Read(phrase) is { } number ? SlotValue.OfNumber(number) : null;
            case ValueKind.Ordinal:
                phrase.Skip("the");
                if (NumberReader.ReadOrdinal(phrase) is not { } ordinal) return null;
                phrase.SkipAny("one");
                return SlotValue.OfNumber(ordinal, ValueKind.Ordinal);
            case ValueKind.Date:
                return CalendarReader.Read(phrase, Today(now)) is { } date ? SlotValue.Of(date) : null;
            case ValueKind.Time:
                return ClockReader.Read(phrase) is { } time ? SlotValue.Of(time) : null;
            case ValueKind.DateTime:
                return ReadMoment(phrase, now);
            case ValueKind.Duration:
                phrase.SkipAny("for", "in");
                return DurationReader.Read(phrase) is { } duration ? SlotValue.Of(duration) : null;
            default:
                return MoneyReader.Read(phrase) is var (amount, currency) ? SlotValue.OfMoney(amount, currency) : null;
        }
    }

    // Day and time in either order; "in 20 minutes"; a time alone.
    private static SlotValue? ReadMoment(Phrase phrase, DateTimeOffset now)
    {
        var start = phrase.Place;
        if (phrase.Skip("in") && DurationReader.Read(phrase) is { } ahead && ahead < TimeSpan.FromDays(36_500))
        {
            var then = now.DateTime + ahead;
            return SlotValue.Of(DateOnly.FromDateTime(then), new TimeOnly(then.Hour, then.Minute));
        }

        phrase.Place = start;
        var today = Today(now);
        if (ReadPartOfDay(phrase, today) is var (day, part))
        {
            if (ClockReader.Read(phrase) is { } clock)
                return SlotValue.Of(day, clock.Hour < 12 && part.Hour >= 12 ? clock.AddHours(12) : clock);
            return phrase.IsAtEnd ? SlotValue.Of(day, part) : null;
        }

        var date = CalendarReader.Read(phrase, today);
        var time = ClockReader.Read(phrase);
        date ??= time is null ? null : CalendarReader.Read(phrase, today);
        if (time is null) return null;
        if (date is { } named) return SlotValue.Of(named, time.Value);
        var isPast = time.Value <= TimeOnly.FromDateTime(now.DateTime);
        return SlotValue.Of(isPast && today < DateOnly.MaxValue ? today.AddDays(1) : today, time.Value);
    }

    private static (DateOnly Day, TimeOnly Part)? ReadPartOfDay(Phrase phrase, DateOnly today)
    {
        if (phrase.Skip("tonight") || phrase.Skip("this", "evening")) return (today, new TimeOnly(20, 0));
        if (phrase.Skip("this", "afternoon")) return (today, new TimeOnly(15, 0));
        if (phrase.Skip("tomorrow", "morning")) return (today.AddDays(1), new TimeOnly(8, 0));
        if (phrase.Skip("tomorrow", "afternoon")) return (today.AddDays(1), new TimeOnly(15, 0));
        return phrase.Skip("tomorrow", "evening") || phrase.Skip("tomorrow", "night") ? (today.AddDays(1), new TimeOnly(20, 0)) : null;
    }

    private static DateOnly Today(DateTimeOffset now) => DateOnly.FromDateTime(now.DateTime);

    private static DateOnly DateOf(SlotValue date) => DateOnly.Parse(date.Text, System.Globalization.CultureInfo.InvariantCulture);

    private static TimeOnly TimeOf(SlotValue time) => TimeOnly.Parse(time.Text, System.Globalization.CultureInfo.InvariantCulture);

    private static (DateOnly Date, TimeOnly Time)? Moment(SlotValue value) =>
        DateTime.TryParse(value.Text, System.Globalization.CultureInfo.InvariantCulture, out var moment)
            ? (DateOnly.FromDateTime(moment), TimeOnly.FromDateTime(moment)) : null;
}
