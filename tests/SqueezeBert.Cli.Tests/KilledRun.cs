using System.Diagnostics;

namespace SqueezeBert.Cli.Tests;

/// <summary>
/// A run of `train` that is killed. Moments are counted in what the run does, not in seconds, so that the machine's speed does not matter.
/// </summary>
internal sealed class KilledRun : IDisposable
{
    private const string Saved = "saved checkpoint";

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly CancellationToken _cancellation;

    public KilledRun(string[] arguments, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        _process = ToolRun.Start(arguments);
        _output = _process.StandardOutput.ReadToEndAsync(_cancellation);
    }

    /// <summary>What it has said so far.</summary>
    public List<string> Told { get; } = [];

    public bool HasEnded => _process.HasExited;

    /// <summary>Waits until it has saved some checkpoints, and then for a part of the time between the last two.</summary>
    /// <param name="checkpoints">How many, two or more; fewer if it ends before.</param>
    /// <param name="part">The part, from 0 to 1.</param>
    public async Task WaitForCheckpointsAsync(int checkpoints, double part)
    {
        var (last, between) = (Stopwatch.GetTimestamp(), TimeSpan.Zero);
        while (checkpoints > 0 && await _process.StandardError.ReadLineAsync(_cancellation) is { } line)
        {
            Told.Add(line);
            if (!line.Contains(Saved, StringComparison.Ordinal)) continue;
            between = Stopwatch.GetElapsedTime(last);
            last = Stopwatch.GetTimestamp();
            checkpoints--;
        }

        await Task.Delay(part * between, _cancellation);
    }

    /// <summary>Waits until something is true that it does, or until it ends.</summary>
    public async Task WaitUntilAsync(Func<bool> isTrue)
    {
        while (!isTrue() && !HasEnded) await Task.Delay(1, _cancellation);
    }

    /// <returns>Whether it was still there to be killed.</returns>
    public async Task<bool> KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(_cancellation);
        while (await _process.StandardError.ReadLineAsync(_cancellation) is { } line) Told.Add(line);
        Assert.Empty(await _output);
        return _process.ExitCode != 0;
    }

    public void Dispose() => _process.Dispose();
}
