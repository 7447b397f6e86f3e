using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;

namespace SqueezeBert.Cli.CommandLine;

/// <summary>What a user reads of an exception.</summary>
internal static class ErrorText
{
    /// <summary>The message without the name of a parameter, which means nothing to a user.</summary>
    public static string Of(Exception exception)
    {
        var suffix = exception is ArgumentException { ParamName: { } parameter } ? $" (Parameter '{parameter}')" : "";
        var text = suffix.Length == 0 ? exception.Message : exception.Message.Replace(suffix, "", StringComparison.Ordinal);
        return exception is ArgumentOutOfRangeException { ActualValue: not null } ? text.Split('\n')[0].TrimEnd('\r') : text;
    }

    /// <summary>
    /// What is wrong with an option, where the exception is about the option's value and the library calls it as the command line does
    /// ("MaxLength", "--max-length"); null for any other.
    /// </summary>
    public static string? OfOption(ArgumentOutOfRangeException exception, ParseResult arguments)
    {
        if (exception.ParamName is not { Length: > 0 } parameter || exception.ActualValue is not { } value) return null;
        var name = "--" + JsonNamingPolicy.KebabCaseLower.ConvertName(parameter);
        if (arguments.GetResult(name) is not OptionResult { Implicit: false }) return null;
        var text = Of(exception);
        return text.StartsWith(parameter, StringComparison.Ordinal)
            ? string.Create(CultureInfo.InvariantCulture, $"{name}{text[parameter.Length..]}, not {value}")
            : string.Create(CultureInfo.InvariantCulture, $"{name} {value}: {text}");
    }
}
