using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Load.Clients;
using SqueezeBert.Load.Servers;

namespace SqueezeBert.Load.Scenarios;

/// <summary>Twice of what the server can do: what is answered, how soon the rest is refused, and memory meanwhile.</summary>
internal static class Overload
{
    public const string Name = "overload";

    private static readonly int[] Together = [1, 32];

    public static async Task RunAsync(IReadOnlyList<Subject> subjects, TextWriter output, CancellationToken cancellationToken)
    {
        output.WriteLine(
            "Overload: requests at twice the rate of saturation. Goals: as much is answered as at saturation, the rest has 429 in less " +
            "than 50 ms, memory stays flat.");
        output.WriteLine();
        var table = new Table(
            output, "model", "texts a request:", "seconds:", "saturated texts/s:", "answered texts/s:", "of saturation:", "429 %:",
            "429 p50 ms:", "429 p99 ms:", "429 most ms:", "without Retry-After:", "no answer:", "other:", "client cores:");
        var memories = new List<(Subject Subject, int Together, IReadOnlyList<MemorySample> Samples)>();
        foreach (var subject in subjects)
        {
            subject.MeasureAlone();
            await using var server = await subject.ServeAsync(cancellationToken);
            foreach (var together in Together)
            {
                var most = (await subject.SaturateAsync(server, together, cancellationToken)).TextsASecond;
                var watch = new MemoryWatch(server, TimeSpan.FromSeconds(5));
                var result = await subject.AskAsync(
                    server, [new RequestKind("", 1, subject.Requests(server, subject.Texts, together))], 2 * most / together,
                    subject.Options.Overload, cancellationToken);
                memories.Add((subject, together, await watch.StopAsync()));
                var other = result.Count - result.CountOf(200) - result.CountOf(429) - result.CountOf(0);
                table.Row(
                    subject.Name, Cell.Of((long)together), Cell.Of(subject.Options.Overload.TotalSeconds), Cell.Of(most),
                    Cell.Of(result.TextsASecond), Table.Ratio(result.TextsASecond / most),
                    Cell.Of(100.0 * result.CountOf(429) / result.Count), Cell.Of(result.MillisecondsAt(50, 429)),
                    Cell.Of(result.MillisecondsAt(99, 429)), Cell.Of(result.MillisecondsAt(100, 429)),
                    Cell.Of((long)result.WithoutRetryAfter), Cell.Of(result.CountOf(0)), Cell.Of(other), Table.Ratio(result.ClientCores));
            }
        }

        output.WriteLine();
        output.WriteLine("Megabytes of the server meanwhile (working set), at parts of the time:");
        output.WriteLine();
        var parts = new Table(
            output, "model", "texts a request:", "begin:", "quarter:", "half:", "three quarters:", "end:", "collector's at end:");
        foreach (var (subject, together, samples) in memories)
        {
            parts.Row(
                subject.Name, Cell.Of((long)together), At(samples, 0), At(samples, 0.25), At(samples, 0.5), At(samples, 0.75),
                At(samples, 1), Table.Megabytes(samples[^1].Committed));
        }

        output.WriteLine();

        static string At(IReadOnlyList<MemorySample> samples, double part) =>
            Table.Megabytes(samples[(int)(part * (samples.Count - 1))].WorkingSet);
    }
}
