namespace SqueezeBert.Cli.CommandLine;

/// <summary>Arguments that do not fit together: one line on standard error and exit code 2.</summary>
internal sealed class UsageException(string message) : Exception(message);
