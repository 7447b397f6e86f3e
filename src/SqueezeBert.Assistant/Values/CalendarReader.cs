using System.Globalization;

namespace SqueezeBert.Assistant.Values;

/// <summary>
/// Days in English, seen from a day: "today", "tomorrow", "Tuesday" (the next to come, never today), "next Tuesday" (that of the next week,
/// which begins on Monday), "in three days", "3 May", "May 3rd 2027", "2026-05-03", "3.5.2026" (the day first).
/// </summary>
internal static class CalendarReader
{
    // A hundred years, as of a duration.
    private const int MostDays = 36_600;

    private static readonly string[] Days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

    private static readonly string[] Months =
    [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
    ];

    /// <summary>Reads one; null: none.</summary>
    public static DateOnly? Read(Phrase phrase, DateOnly today)
    {
        var start = phrase.Place;
        phrase.SkipAny("on", "for", "by");
        var date = ReadDay(phrase, today);
        if (date is null) phrase.Place = start;
        return date;
    }

    private static DateOnly? ReadDay(Phrase phrase, DateOnly today)
    {
        if (phrase.Skip("today")) return today;
        if (phrase.SkipAny("tomorrow", "tmrw")) return Shift(today, 1);
        if (phrase.Skip("the", "day", "after", "tomorrow") || phrase.Skip("day", "after", "tomorrow")) return Shift(today, 2);
        if (phrase.Skip("the", "day", "before", "yesterday") || phrase.Skip("day", "before", "yesterday")) return Shift(today, -2);
        if (phrase.Skip("yesterday")) return Shift(today, -1);
        if (phrase.Skip("next", "week")) return Shift(Monday(today), 7);
        if (phrase.Skip("next", "month"))
            return today.Year < 9999 ? new DateOnly(today.Year, today.Month, 1).AddMonths(1) : null;
        return ReadOffset(phrase, today) ?? ReadWeekday(phrase, today) ?? ReadIso(phrase) ?? ReadMonthAndDay(phrase, today);
    }

    private static DateOnly? ReadOffset(Phrase phrase, DateOnly today)
    {
        var start = phrase.Place;
        if (phrase.Skip("in") && ReadCount(phrase) is { } count)
        {
            if (phrase.SkipAny("day", "days")) return Shift(today, count);
            if (count <= MostDays / 7 && phrase.SkipAny("week", "weeks")) return Shift(today, 7 * count);
            if (count <= MostDays / 31 && phrase.SkipAny("month", "months") && today.Year < 9900) return today.AddMonths(count);
        }

        phrase.Place = start;
        return null;
    }

    // "a" may begin a number: "a hundred days".
    private static int? ReadCount(Phrase phrase) =>
        (NumberReader.Read(phrase) ?? (phrase.SkipAny("a", "an") ? 1 : null)) is { } number
            && number is >= 0 and <= MostDays && number == Math.Floor(number) ? (int)number : null;

    private static DateOnly? ReadWeekday(Phrase phrase, DateOnly today)
    {
        var start = phrase.Place;
        var isNext = phrase.Skip("next");
        if (!isNext) phrase.Skip("this");
        var word = phrase.Peek();
        var day = Array.FindIndex(
            Days, name => name == word || (word.Length is 3 or 4 or 5 && name.StartsWith(word, StringComparison.Ordinal)));
        if (day < 0)
        {
            phrase.Place = start;
            return null;
        }

        phrase.Place++;
        if (isNext) return Shift(Monday(today), 7 + day);
        var ahead = (day - (((int)today.DayOfWeek + 6) % 7) + 7) % 7;
        return Shift(today, ahead == 0 ? 7 : ahead);
    }

    // 2026-05-03 stands in five words, and 3.5.2026 in one.
    private static DateOnly? ReadIso(Phrase phrase)
    {
        if (phrase.Peek(1) == "-" && phrase.Peek(3) == "-" && phrase.Peek().Length == 4
            && Date(phrase.Peek(), phrase.Peek(2), phrase.Peek(4)) is { } iso)
        {
            phrase.Place += 5;
            return iso;
        }

        var parts = phrase.Peek().Split('.');
        if (parts.Length != 3 || parts[2].Length != 4 || Date(parts[2], parts[1], parts[0]) is not { } date) return null;
        phrase.Place++;
        return date;
    }

    private static DateOnly? ReadMonthAndDay(Phrase phrase, DateOnly today)
    {
        var start = phrase.Place;
        phrase.Skip("the");
        var day = ReadDayOfMonth(phrase);
        if (day is not null) phrase.Skip("of");
        var word = phrase.Peek();
        var month = Array.FindIndex(
            Months, name => name == word || (word.Length is 3 or 4 && name.StartsWith(word, StringComparison.Ordinal))) + 1;
        if (month > 0)
        {
            phrase.Place++;
            if (day is null)
            {
                phrase.Skip("the");
                day = ReadDayOfMonth(phrase);
            }

            var digits = phrase.Peek();
            var year = digits.Length == 4 && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var four)
                ? four : (int?)null;
            if (year is not null) phrase.Place++;
            if (day is { } number && (year is { } said ? Date(said, month, number) : NextDate(today, month, number)) is { } date)
                return date;
        }

        phrase.Place = start;
        return null;
    }

    private static int? ReadDayOfMonth(Phrase phrase) => NumberReader.ReadOrdinal(phrase) ?? NumberReader.ReadSmall(phrase);

    // Without a year, it is the next one to come; from one 29 February to the next there may be eight years.
    private static DateOnly? NextDate(DateOnly today, int month, int day)
    {
        for (var year = today.Year; year <= today.Year + 8; year++)
        {
            if (Date(year, month, day) is { } date && date >= today) return date;
        }

        return null;
    }

    private static DateOnly Monday(DateOnly day) => Shift(day, -(((int)day.DayOfWeek + 6) % 7));

    /// <summary>The day so many days later, or the first or last there is.</summary>
    public static DateOnly Shift(DateOnly day, int days) => DateOnly.FromDayNumber(
        Math.Clamp(day.DayNumber + days, DateOnly.MinValue.DayNumber, DateOnly.MaxValue.DayNumber));

    private static DateOnly? Date(string year, string month, string day) =>
        int.TryParse(year, NumberStyles.None, CultureInfo.InvariantCulture, out var y)
            && int.TryParse(month, NumberStyles.None, CultureInfo.InvariantCulture, out var m)
            && int.TryParse(day, NumberStyles.None, CultureInfo.InvariantCulture, out var d) ? Date(y, m, d) : null;

    private static DateOnly? Date(int year, int month, int day) =>
        year is >= 1 and <= 9999 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            ? new DateOnly(year, month, day) : null;
}
