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
            if (Read(text, ValueKind.Time, now) is not null && ClockReader.Read(new Phrase(text)) is { } clock)
            {
                return SlotValue.Of(NewDay(date, time, clock, now), clock.Time);
            }
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
                return ClockReader.Read(phrase) is { } clock ? SlotValue.Of(clock.Time) : null;
            case ValueKind.DateTime:
                return MomentReader.Read(phrase, now.DateTime) is var (day, time) ? SlotValue.Of(day, time) : null;
            case ValueKind.Duration:
                phrase.SkipAny("for", "in");
                return DurationReader.Read(phrase) is { } duration ? SlotValue.Of(duration) : null;
            default:
                return MoneyReader.Read(phrase) is var (amount, currency) ? SlotValue.OfMoney(amount, currency) : null;
        }
    }

    // The day stays, but a night goes on to the next day. So midnight is the one that ends the day: who corrects "tonight at 8" to
    // "midnight" does not mean the midnight before. Other hours of the night are those of the day, unless these are over.
    private static DateOnly NewDay(DateOnly date, TimeOnly time, ClockTime clock, DateTimeOffset now)
    {
        if (time.Hour < ClockTime.EndOfNight) return date;
        var isOver = clock.Time.Hour < ClockTime.EndOfNight && date.ToDateTime(clock.Time) <= now.DateTime;
        return clock.IsMidnight || clock.IsAfterMidnight || isOver ? CalendarReader.Shift(date, 1) : date;
    }

    private static DateOnly Today(DateTimeOffset now) => DateOnly.FromDateTime(now.DateTime);

    private static DateOnly DateOf(SlotValue date) => DateOnly.Parse(date.Text, System.Globalization.CultureInfo.InvariantCulture);

    private static (DateOnly Date, TimeOnly Time)? Moment(SlotValue value) =>
        DateTime.TryParse(value.Text, System.Globalization.CultureInfo.InvariantCulture, out var moment)
            ? (DateOnly.FromDateTime(moment), TimeOnly.FromDateTime(moment)) : null;
}
