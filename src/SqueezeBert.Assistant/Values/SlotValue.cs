using System.Globalization;
using System.Xml;

namespace SqueezeBert.Assistant;

/// <summary>The value that the words of a slot express, in a normalized form that does not depend on the wording. Plain data.</summary>
public sealed record SlotValue
{
    /// <summary>The kind of the value.</summary>
    public required ValueKind Kind { get; init; }

    /// <summary>
    /// The value as normalized text: a number with '.', "2026-05-04", "07:30", "2026-05-04T07:30", a duration in ISO 8601 ("PT1H30M"), an
    /// amount with its currency ("12.50 EUR"), or the text itself.
    /// </summary>
    public required string Text { get; init; }

    /// <summary>The number, the amount of money, or the seconds of a duration. Null for other kinds.</summary>
    public double? Number { get; init; }

    /// <summary>The currency of an amount (ISO 4217). Null for other kinds.</summary>
    public string? Unit { get; init; }

    /// <summary>Returns the value as it is written in a reply: "2026-05-04 07:30", "1 hour 30 minutes".</summary>
    public override string ToString() => Kind switch
    {
        ValueKind.DateTime => Text.Replace('T', ' '),
        ValueKind.Duration when Number is { } seconds && seconds is >= 0 and < 1e10 => Spoken((long)seconds),
        _ => Text,
    };

    internal static SlotValue OfText(string text) => new() { Kind = ValueKind.Text, Text = text };

    internal static SlotValue OfNumber(double number, ValueKind kind = ValueKind.Number) =>
        new() { Kind = kind, Text = number.ToString("0.##########", CultureInfo.InvariantCulture), Number = number };

    internal static SlotValue Of(DateOnly date) =>
        new() { Kind = ValueKind.Date, Text = date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) };

    internal static SlotValue Of(TimeOnly time) => new() { Kind = ValueKind.Time, Text = Text24(time) };

    internal static SlotValue Of(DateOnly date, TimeOnly time) => new()
    {
        Kind = ValueKind.DateTime,
        Text = $"{date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}T{Text24(time)}",
    };

    internal static SlotValue Of(TimeSpan duration) => new()
    {
        Kind = ValueKind.Duration,
        Text = XmlConvert.ToString(duration),
        Number = duration.TotalSeconds,
    };

    internal static SlotValue OfMoney(double amount, string currency) => new()
    {
        Kind = ValueKind.Money,
        Text = string.Create(CultureInfo.InvariantCulture, $"{amount:0.00} {currency}"),
        Number = amount,
        Unit = currency,
    };

    private static string Text24(TimeOnly time) =>
        time.ToString(time.Second == 0 ? "HH:mm" : "HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Spoken(long seconds)
    {
        (long Length, string Name)[] units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
        var parts = new List<string>();
        foreach (var (length, name) in units)
        {
            var count = seconds / length;
            seconds %= length;
            if (count > 0) parts.Add(string.Create(CultureInfo.InvariantCulture, $"{count} {name}{(count == 1 ? "" : "s")}"));
        }

        return parts.Count == 0 ? "0 seconds" : string.Join(' ', parts);
    }
}
