namespace SqueezeBert.Cli.CommandLine;

/// <summary>Command lines that are shown to be copied.</summary>
internal static class CommandText
{
    private const string Plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./\\:=,+@%";

    /// <summary>An argument as a shell takes it.</summary>
    public static string Quoted(string argument)
    {
        if (argument.Length > 0 && argument.AsSpan().IndexOfAnyExcept(Plain) < 0
            && (OperatingSystem.IsWindows() || !argument.Contains('\\'))) return argument;
        return OperatingSystem.IsWindows() ? $"\"{argument}\"" : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }
}
