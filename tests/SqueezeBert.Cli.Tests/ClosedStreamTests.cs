using System.Diagnostics;

namespace SqueezeBert.Cli.Tests;

/// <summary>Standard streams that the shell has closed, and a device that is full: a line and an exit code, no hang and no trace.</summary>
public sealed class ClosedStreamTests
{
    [Theory(Timeout = 120_000)]
    [InlineData("classify --file - <&-", "squeezebert classify: standard input is closed")]
    [InlineData("tokenize <&-", "squeezebert tokenize: standard input is closed")]
    [InlineData("tokenize good >&-", "squeezebert tokenize: standard output is closed")]
    [InlineData("--help >&-", "squeezebert: standard output is closed")]
    [InlineData("classify --help >&-", "squeezebert classify: standard output is closed")]
    [InlineData("--version >&-", "squeezebert: standard output is closed")]
    [InlineData("--help >/dev/full", "squeezebert: No space left on device")]
    [InlineData("tokenize good >/dev/full", "squeezebert tokenize: No space left on device")]
    public async Task WhatCannotBeReadOrWrittenIsOneLine(string command, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "a shell of Unix closes streams");
        Assert.SkipUnless(OperatingSystem.IsLinux() || !command.Contains("/dev/full", StringComparison.Ordinal), "a device of Linux");
        var (code, output, error) = await ShellAsync(command, TestContext.Current.CancellationToken);
        Assert.Equal((1, ""), (code, output));
        Assert.Equal(expected + "\n", error);
    }

    [Fact(Timeout = 120_000)]
    public async Task WhatIsNotNeededMayBeClosed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "a shell of Unix closes streams");
        Assert.Equal((0, "[CLS] good [SEP]\n", ""), await ShellAsync("tokenize good <&-", TestContext.Current.CancellationToken));
        Assert.Equal((0, "[CLS] good [SEP]\n", ""), await ShellAsync("tokenize good 2>&-", TestContext.Current.CancellationToken));
        Assert.Equal((1, "", ""), await ShellAsync("tokenize --vocab nowhere good 2>&-", TestContext.Current.CancellationToken));
    }

    private static async Task<(int Code, string Output, string Error)> ShellAsync(string command, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"exec dotnet \"$0\" {command}");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "squeezebert.dll"));
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken).WaitAsync(TimeSpan.FromSeconds(60), cancellationToken);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
