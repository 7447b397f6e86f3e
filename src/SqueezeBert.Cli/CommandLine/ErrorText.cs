namespace SqueezeBert.Cli.CommandLine;

/// <summary>What a user reads of an exception.</summary>
internal static class ErrorText
{
    /// <summary>The message without the name of a parameter, which means nothing to a user.</summary>
    public static string Of(Exception exception)
    {
        var suffix = exception is ArgumentException { ParamName: { } parameter } ? $" (Parameter '{parameter}')" : "";
        return suffix.Length == 0 ? exception.Message : exception.Message.Replace(suffix, "", StringComparison.Ordinal);
    }
}
