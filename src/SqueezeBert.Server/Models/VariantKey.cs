using System.Globalization;
using System.Text;

namespace SqueezeBert.Server.Models;

/// <summary>
/// Tells the options of one request from those of another. What clients write may hold any separator, so each part has its length before
/// it, and a missing part differs from an empty one.
/// </summary>
internal static class VariantKey
{
    /// <summary>The pipeline whose scores and vectors are as the model computes them, without a request's options.</summary>
    public static string Raw { get; } = Of("raw");

    /// <param name="parts">The options in a fixed order; null where the request does not say.</param>
    public static string Of(params IEnumerable<object?> parts)
    {
        var key = new StringBuilder();
        foreach (var part in parts)
        {
            if (part is null)
            {
                key.Append('-');
            }
            else if (part is IEnumerable<string> list)
            {
                key.Append('[').Append(Of(list)).Append(']');
            }
            else
            {
                var text = Convert.ToString(part, CultureInfo.InvariantCulture)!;
                key.Append(CultureInfo.InvariantCulture, $"{text.Length}:{text}");
            }
        }

        return key.ToString();
    }
}
