namespace SqueezeBert.Assistant.Values;

/// <summary>A time of the day as it was said.</summary>
/// <param name="Time">The time; without a word for the half of the day, an hour up to 12 is that of the morning or noon.</param>
/// <param name="IsSure">Whether the half of the day was said, or follows from an hour of 24.</param>
/// <param name="Part">The part of the day that was said behind it; null: none.</param>
internal readonly record struct ClockTime(TimeOnly Time, bool IsSure, PartOfDay? Part = null)
{
    /// <summary>A night lasts until this hour, and it began on the day before.</summary>
    public const int EndOfNight = 5;

    /// <summary>Whether it was called midnight: "00:00" begins a day, midnight may also end one.</summary>
    public bool IsMidnight { get; init; }

    /// <summary>Whether the time belongs to the night that began on the day before.</summary>
    public bool IsAfterMidnight => HasMidnight(Part) && Time.Hour < EndOfNight;

    /// <summary>Whether the part of the day goes on behind midnight.</summary>
    public static bool HasMidnight(PartOfDay? part) => part is PartOfDay.Evening or PartOfDay.Night;

    /// <summary>The hour of 24 of an hour from 1 to 12 in a part of the day.</summary>
    public static int HourOf(PartOfDay part, int hour) => part switch
    {
        PartOfDay.Morning => hour % 12,
        PartOfDay.Afternoon => (hour % 12) + 12,
        PartOfDay.Evening => hour % 12 == 0 ? 0 : hour + 12,
        _ => hour % 12 < EndOfNight ? hour % 12 : (hour % 12) + 12,
    };
}
