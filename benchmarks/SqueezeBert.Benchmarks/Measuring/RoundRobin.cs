using System.Diagnostics;

namespace SqueezeBert.Benchmarks.Measuring;

/// <summary>
/// Measures contenders in turns, in many rounds, so that a machine that grows hot or busy treats all alike. A turn begins with a repetition
/// that does not count, for the caches and the clock frequency, unless one takes so long that its beginning does not matter; every other
/// round runs backward, so that no contender always follows the same one.
/// </summary>
internal sealed class RoundRobin
{
    private const double LongSeconds = 0.5;

    /// <summary>Seconds that a contender is given, turns and pauses together.</summary>
    public double Seconds { get; init; } = 2;

    /// <summary>Rounds at least.</summary>
    public int MinimumRounds { get; init; } = 5;

    /// <summary>Seconds that a turn lasts at least; one repetition where that takes longer.</summary>
    public double TurnSeconds { get; init; } = 0.2;

    /// <summary>
    /// Before each turn: idle threads of the one before may still spin on a core, for tens of milliseconds in ONNX Runtime's pool.
    /// </summary>
    public TimeSpan Pause { get; init; }

    /// <summary>The samples of each contender, in their order.</summary>
    public IReadOnlyList<Samples> Run(IReadOnlyList<Contender> contenders)
    {
        var samples = contenders.Select(_ => new List<double>()).ToArray();
        var total = Stopwatch.StartNew();
        for (var round = 0; round < MinimumRounds || total.Elapsed.TotalSeconds < Seconds * contenders.Count; round++)
        {
            for (var i = 0; i < contenders.Count; i++)
            {
                var index = round % 2 == 0 ? i : contenders.Count - 1 - i;
                Thread.Sleep(Pause);
                Turn(contenders[index], samples[index]);
            }
        }

        return [.. samples.Select(values => new Samples(values))];
    }

    private void Turn(Contender contender, List<double> samples)
    {
        var isLong = samples.Count > 0 && samples[^1] > LongSeconds;
        if (contender.Repeats && !isLong) contender.Measure();
        var turn = Stopwatch.StartNew();
        do
        {
            samples.Add(contender.Measure());
        }
        while (contender.Repeats && turn.Elapsed.TotalSeconds < TurnSeconds);
    }
}
