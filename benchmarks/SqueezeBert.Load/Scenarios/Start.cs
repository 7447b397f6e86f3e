using System.Diagnostics;
using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Load.Clients;

namespace SqueezeBert.Load.Scenarios;

/// <summary>How long after the start of its process a server listens, is ready, and has answered a first text.</summary>
internal static class Start
{
    public const string Name = "start";

    private const int Count = 11;

    public static async Task RunAsync(IReadOnlyList<Subject> subjects, TextWriter output, CancellationToken cancellationToken)
    {
        output.WriteLine(
            $"Start: milliseconds from the start of the process, of {Count} starts with every file in the page cache. Goal: an answer " +
            "within a second.");
        output.WriteLine();
        var table = new Table(
            output, "model", "listens, median:", "ready, median:", "first answer, median:", "least:", "most:");
        foreach (var subject in subjects)
        {
            var times = new List<(double Listens, double Ready, double Answer)>();
            for (var i = 0; i < Count; i++)
            {
                var started = Stopwatch.GetTimestamp();
                await using var server = await subject.ServeAsync(cancellationToken);
                var ready = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                using var connections = new ConnectionPool(server.EndPoint);
                var reply = await connections.AskAsync(subject.Requests(server, [subject.Texts[0]], 1)[0], cancellationToken);
                if (reply.Status != 200) throw new IOException($"the first answer has the status {reply.Status}");
                times.Add((server.ListenedAfter.TotalMilliseconds, ready, Stopwatch.GetElapsedTime(started).TotalMilliseconds));
            }

            table.Row(
                subject.Name, Cell.Of(Median(times.Select(time => time.Listens))), Cell.Of(Median(times.Select(time => time.Ready))),
                Cell.Of(Median(times.Select(time => time.Answer))), Cell.Of(times.Min(time => time.Answer)),
                Cell.Of(times.Max(time => time.Answer)));
        }

        output.WriteLine();
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Count / 2);
}
