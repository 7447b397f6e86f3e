using System.Diagnostics;
using System.Text.RegularExpressions;

namespace SqueezeBert.Release.Tests;

/// <summary>A program that runs until it is disposed.</summary>
internal sealed class RunningProgram : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly Process _process;

    public RunningProgram(string folder, string program, params string[] arguments)
    {
        _process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
    }

    /// <summary>Waits for a line of standard output that matches, and returns the first group.</summary>
    public async Task<string> FindAsync(Regex pattern, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        var lines = new List<string>();
        while (await _process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            lines.Add(line);
            if (pattern.Match(line) is { Success: true } match) return match.Groups[1].Value;
        }

        Assert.Fail($"the program ended without a line that matches {pattern}:\n{string.Join('\n', lines)}");
        return "";
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }
}
