using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace SqueezeBert.Cli;

/// <summary>Options that take a number in a range; one outside of it is a wrong use of the command.</summary>
internal static class NumberOptions
{
    /// <summary>A whole number.</summary>
    public static Option<long?> Integer(string name, string description, long minimum, long maximum = int.MaxValue) => Make(name, "N", description, minimum, maximum, false, NumberStyles.AllowLeadingSign);

    /// <summary>A number with a fraction.</summary>
    public static Option<double?> Real(string name, string description, double minimum, double maximum, bool excludeMinimum = true) =>
        Make(name, "X", description, minimum, maximum, excludeMinimum, NumberStyles.Float);

    private static Option<T?> Make<T>(string name, string helpName, string description, T minimum, T maximum, bool excludeMinimum, NumberStyles styles)
        where T : struct, INumber<T> => new(name)
        {
            HelpName = helpName,
            Description = description,
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (T.TryParse(text, styles, CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum && !(excludeMinimum && number == minimum)) return number;
                var kind = helpName == "N" ? "a whole number" : "a number";
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} takes {kind} {(excludeMinimum ? "above" : "from")} {minimum} to {maximum}, not '{text}'"));
                return null;
            },
        };
}
