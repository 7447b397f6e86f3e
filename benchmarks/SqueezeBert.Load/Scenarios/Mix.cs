using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Load.Clients;

namespace SqueezeBert.Load.Scenarios;

/// <summary>Short texts among long ones: whether the short ones wait for the long ones more than they must.</summary>
internal static class Mix
{
    public const string Name = "mix";

    private const int Short = 16, Long = 512, ShortsOfALong = 8;
    private const double Share = 0.6;

    public static async Task RunAsync(IReadOnlyList<Subject> subjects, TextWriter output, CancellationToken cancellationToken)
    {
        output.WriteLine(
            $"Mix: {ShortsOfALong} requests of {Short} tokens for each of {Long} (or as many as the model reads), at {Share} of the rate " +
            "at which this mix saturates the server; the short ones in the mix and alone, at the same rate of theirs.");
        output.WriteLine();
        var table = new Table(
            output, "model", "requests", "tokens:", "requests/s:", "p50 ms:", "p95 ms:", "p99 ms:", "most ms:", "alone ms:");
        foreach (var subject in subjects)
        {
            var length = Math.Min(Long, subject.LongestText);
            var (shortTexts, longTexts) = (subject.NewTexts(Short), subject.NewTexts(length));
            var (shortAlone, longAlone) = (subject.MillisecondsOf(shortTexts), subject.MillisecondsOf(longTexts));
            await using var server = await subject.ServeAsync(cancellationToken);
            var shorts = new RequestKind("short", ShortsOfALong, subject.Requests(server, shortTexts, 1));
            var longs = new RequestKind("long", 1, subject.Requests(server, longTexts, 1));

            // More than two cores can do of either kind.
            var most = (await subject.AskAsync(
                server, [shorts, longs], (ShortsOfALong + 1) * 3000 / longAlone, subject.Options.Duration / 2, cancellationToken))
                .AnsweredASecond;
            var alone = await subject.AskAsync(
                server, [shorts], Share * most * ShortsOfALong / (ShortsOfALong + 1), subject.Options.Duration, cancellationToken);
            var mixed = await subject.AskAsync(server, [shorts, longs], Share * most, subject.Options.Duration, cancellationToken);
            Row("short, alone", Short, alone, "short", shortAlone);
            Row("short, in the mix", Short, mixed, "short", shortAlone);
            Row("long, in the mix", length, mixed, "long", longAlone);

            void Row(string requests, int tokens, LoadResult result, string kind, double one) => table.Row(
                subject.Name, requests, Cell.Of((long)tokens),
                Cell.Of(result.Latencies.TryGetValue((kind, 200), out var latencies)
                    ? latencies.TotalCount / subject.Options.Duration.TotalSeconds : 0),
                Cell.Of(result.MillisecondsAt(50, 200, kind)), Cell.Of(result.MillisecondsAt(95, 200, kind)),
                Cell.Of(result.MillisecondsAt(99, 200, kind)), Cell.Of(result.MillisecondsAt(100, 200, kind)), Cell.Of(one));
        }

        output.WriteLine();
    }
}
