using System.Globalization;

namespace SqueezeBert.Load.Scenarios;

/// <summary>Numbers as tables have them.</summary>
internal static class Cell
{
    public static string Of(double value) =>
        value.ToString(Math.Abs(value) >= 100 ? "0" : Math.Abs(value) >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);

    public static string Of(double? value) => value is { } number ? Of(number) : "";

    public static string Of(long value) => value.ToString(CultureInfo.InvariantCulture);
}
