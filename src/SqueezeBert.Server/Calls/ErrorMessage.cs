using System.Text.RegularExpressions;

namespace SqueezeBert.Server.Calls;

/// <summary>The library's messages about arguments, in the words of who sent a request.</summary>
internal static partial class ErrorMessage
{
    public static string Of(ArgumentException exception)
    {
        var suffix = exception.ParamName is { } parameter ? $" (Parameter '{parameter}')" : "";
        var text = suffix.Length == 0 ? exception.Message : exception.Message.Replace(suffix, "", StringComparison.Ordinal);
        if (exception is ArgumentOutOfRangeException { ActualValue: not null }) text = text.Split('\n')[0].TrimEnd('\r');
        return Options().Replace(ListOfOne().Replace(text, ""), "").Replace("MaxLength", "max_length", StringComparison.Ordinal);
    }

    /// <summary>The place in a list that this server has made of one text.</summary>
    [GeneratedRegex(@"^texts\[0\]: ")]
    private static partial Regex ListOfOne();

    /// <summary>A property of the library's options.</summary>
    [GeneratedRegex(@" \([A-Za-z]+Options\.[A-Za-z]+\)")]
    private static partial Regex Options();
}
