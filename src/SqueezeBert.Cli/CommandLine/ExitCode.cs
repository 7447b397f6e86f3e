namespace SqueezeBert.Cli.CommandLine;

/// <summary>What the process tells whoever has started it.</summary>
internal static class ExitCode
{
    /// <summary>It worked.</summary>
    public const int Success = 0;

    /// <summary>It failed: a file, a model, the data, an interruption.</summary>
    public const int Failure = 1;

    /// <summary>The command line is wrong.</summary>
    public const int WrongUse = 2;
}
