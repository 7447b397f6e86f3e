namespace SqueezeBert.Assistant.Values;

/// <summary>English lengths of time: "an hour and a half", "90 seconds", "2h 30m", "half an hour", "a quarter of an hour".</summary>
internal static class DurationReader
{
    private const double MaxSeconds = 100 * 366 * 86_400.0;

    private static readonly (string[] Names, double Seconds)[] Units =
    [
        (["second", "seconds", "sec", "secs", "s"], 1),
        (["minute", "minutes", "min", "mins", "m"], 60),
        (["hour", "hours", "hr", "hrs", "h"], 3_600),
        (["day", "days", "d"], 86_400),
        (["week", "weeks", "w"], 604_800),
        (["fortnight", "fortnights"], 1_209_600),
    ];

    /// <summary>Reads one; null: none.</summary>
    public static TimeSpan? Read(Phrase phrase)
    {
        var start = phrase.Place;
        var total = 0.0;
        var any = false;
        while (true)
        {
            var before = phrase.Place;
            if (any) phrase.SkipAny("and", "plus");
            if (ReadPart(phrase) is not { } part)
            {
                phrase.Place = before;
                break;
            }

            total += part;
            any = true;
        }

        if (any && total is >= 0 and <= MaxSeconds) return TimeSpan.FromSeconds(Math.Round(total, 3));
        phrase.Place = start;
        return null;
    }

    private static double? ReadPart(Phrase phrase)
    {
        var start = phrase.Place;
        double? count;
        if (phrase.Skip("half", "an") || phrase.Skip("half", "a") || phrase.Skip("a", "half")) count = 0.5;
        else if (phrase.Skip("three", "quarters", "of", "an")) count = 0.75;
        else if (ReadQuarter(phrase)) count = 0.25;
        else if (phrase.Skip("a", "couple", "of")) count = 2;

        // "a" may begin a number: "a hundred minutes".
        else count = NumberReader.Read(phrase) ?? (phrase.SkipAny("an", "a") ? 1 : null);
        if (count is { } number)
        {
            phrase.Skip("-");
            foreach (var (names, seconds) in Units)
            {
                if (!phrase.SkipAny(names)) continue;
                if (phrase.Skip("and", "a", "half")) number += 0.5;
                else if (phrase.Skip("and", "a", "quarter")) number += 0.25;
                else if (phrase.Skip("and", "three", "quarters")) number += 0.75;
                return number * seconds;
            }
        }

        phrase.Place = start;
        return null;
    }

    // "a quarter of an hour", "quarter of an hour", "a quarter hour".
    private static bool ReadQuarter(Phrase phrase)
    {
        var start = phrase.Place;
        phrase.Skip("a");
        if (phrase.Skip("quarter"))
        {
            phrase.Skip("of", "an");
            return true;
        }

        phrase.Place = start;
        return false;
    }
}
