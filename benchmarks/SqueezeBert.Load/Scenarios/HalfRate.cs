using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Load.Clients;

namespace SqueezeBert.Load.Scenarios;

/// <summary>Latency at half of the rate of saturation, and with next to nothing to do, against one text's own time.</summary>
internal static class HalfRate
{
    public const string Name = "half";

    public static async Task RunAsync(IReadOnlyList<Subject> subjects, TextWriter output, CancellationToken cancellationToken)
    {
        output.WriteLine(
            "Latency: requests of one text, at half of the rate of saturation and at a twentieth of it. Goal at half: p99 below four " +
            "times one text's own time, which is the library's at batch 1 in a process of its own.");
        output.WriteLine();
        var table = new Table(
            output, "model", "of saturation:", "requests/s:", "p50 ms:", "p95 ms:", "p99 ms:", "p99.9 ms:", "most ms:", "alone ms:",
            "p99 / alone:", "sent late p99 ms:");
        foreach (var subject in subjects)
        {
            subject.MeasureAlone();
            await using var server = await subject.ServeAsync(cancellationToken);
            var most = (await subject.SaturateAsync(server, 1, cancellationToken)).AnsweredASecond;
            foreach (var share in (double[])[0.05, 0.5])
            {
                var result = await subject.AskAsync(
                    server, [new RequestKind("", 1, subject.Requests(server, subject.Texts, 1))], share * most, subject.Options.Duration,
                    cancellationToken);
                table.Row(
                    subject.Name, Table.Ratio(share), Cell.Of(result.AnsweredASecond), Cell.Of(result.MillisecondsAt(50)),
                    Cell.Of(result.MillisecondsAt(95)), Cell.Of(result.MillisecondsAt(99)), Cell.Of(result.MillisecondsAt(99.9)),
                    Cell.Of(result.MillisecondsAt(100)), Cell.Of(subject.MillisecondsOfOne),
                    Table.Ratio((result.MillisecondsAt(99) ?? 0) / subject.MillisecondsOfOne), Cell.Of(result.LatenessAt(99)));
            }
        }

        output.WriteLine();
    }
}
