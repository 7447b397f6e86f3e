using System.Globalization;
using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Load.Clients;
using SqueezeBert.Load.Servers;

namespace SqueezeBert.Load.Scenarios;

/// <summary>All kinds of requests for long at a modest rate: whether memory, handles or threads grow, and statuses are right.</summary>
internal static class Soak
{
    public const string Name = "soak";

    /// <summary>
    /// 16 MB. By default the youngest generation is as large as the processor's cache, hundreds of megabytes, so that a server with little
    /// to do collects nothing for half an hour, and what is garbage looks like a leak.
    /// </summary>
    private const string NurseryBytes = "1000000";

    private const double FlatShare = 0.02, FewBytes = 2e6, FewHandles = 8;

    public static async Task RunAsync(IReadOnlyList<Subject> subjects, TextWriter output, CancellationToken cancellationToken)
    {
        var options = subjects[0].Options;
        var arguments = subjects.SelectMany(subject => (string[])["--model", $"{subject.Name}={subject.Path}"]);
        await using var server = await ServerProcess.StartAsync(
            options.Tool, ["serve", "--urls", "http://127.0.0.1:0", .. arguments], cancellationToken,
            ("DOTNET_GCgen0size", NurseryBytes), ("DOTNET_GCGen0MaxBudget", NurseryBytes));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Soak: {options.SoakRate} requests a second of all kinds for {options.Soak.TotalMinutes} minutes, other work on the machine " +
            $"beside it; the name of each kind ends in the status that is right. A client goes away in the middle every second. The " +
            $"collector's youngest generation has 16 MB, so that it collects often."));
        output.WriteLine();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var gone = subjects.Select(subject => SoakTraffic.GoAwayAsync(
            subject, server, TimeSpan.FromSeconds(subjects.Count), ended.Token)).ToList();
        var watch = new MemoryWatch(server, TimeSpan.FromSeconds(Math.Clamp(options.Soak.TotalSeconds / 100, 1, 10)));
        var kinds = subjects.SelectMany(subject => SoakTraffic.Kinds(subject, server)).ToList();
        var result = await subjects[0].AskAsync(server, kinds, options.SoakRate, options.Soak - options.WarmUp, cancellationToken);
        var samples = await watch.StopAsync();
        await ended.CancelAsync();
        var goneCount = (await Task.WhenAll(gone)).Sum();
        Answers(kinds, result, output);
        output.WriteLine();
        output.WriteLine($"clients that went away: {goneCount}; requests without their status: {WrongCount(result)}");
        output.WriteLine();
        Memory(samples, output);
    }

    private static void Answers(List<RequestKind> kinds, LoadResult result, TextWriter output)
    {
        var table = new Table(output, "requests", "status:", "count:", "p50 ms:", "p99 ms:", "most ms:");
        foreach (var kind in kinds)
        {
            var ofKind = result.Latencies.Where(item => item.Key.Kind == kind.Name).OrderBy(item => item.Key.Status);
            foreach (var ((_, status), latencies) in ofKind)
            {
                table.Row(
                    kind.Name, Cell.Of((long)status), Cell.Of(latencies.TotalCount), Cell.Of(result.MillisecondsAt(50, status, kind.Name)),
                    Cell.Of(result.MillisecondsAt(99, status, kind.Name)), Cell.Of(result.MillisecondsAt(100, status, kind.Name)));
            }
        }
    }

    private static long WrongCount(LoadResult result) => result.Latencies
        .Where(item => !item.Key.Kind.EndsWith(item.Key.Status.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal))
        .Sum(item => item.Value.TotalCount);

    private static void Memory(IReadOnlyList<MemorySample> samples, TextWriter output)
    {
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{samples.Count} samples; flat: the least values of the last fifth of the time are at most {FlatShare:P0} " +
            $"(or {FewBytes / 1e6:0} MB, or {FewHandles:0} handles or threads) above those of the second fifth"));
        output.WriteLine();
        var table = new Table(output, "of the server", "at start:", "second fifth:", "last fifth:", "an hour:", "verdict");
        Row("working set MB", 1e6, sample => sample.WorkingSet);
        Row("neither collector's nor kept MB", 1e6, sample => sample.Rest);
        Row("collector, committed MB", 1e6, sample => sample.Committed);
        Row("collector, heap MB", 1e6, sample => sample.Heap);
        Row("kept for next calls MB", 1e6, sample => sample.Retained);
        Row("handles", 1, sample => sample.Handles);
        Row("threads", 1, sample => sample.Threads);
        output.WriteLine();
        var course = new Table(
            output, "minute:", "working set MB:", "collector, committed MB:", "collector, heap MB:", "kept MB:", "handles:");
        for (var i = 0; i <= 10; i++)
        {
            var sample = samples[i * (samples.Count - 1) / 10];
            course.Row(
                Cell.Of(sample.Time.TotalMinutes), Table.Megabytes(sample.WorkingSet), Table.Megabytes(sample.Committed),
                Table.Megabytes(sample.Heap), Table.Megabytes(sample.Retained), Cell.Of((long)sample.Handles));
        }

        output.WriteLine();

        void Row(string name, double unit, Func<MemorySample, double> value)
        {
            var growth = Growth.Of(samples, value);
            var isFlat = growth.IsFlat(FlatShare, unit > 1 ? FewBytes : FewHandles);
            table.Row(
                name, Cell.Of(value(samples[0]) / unit), Cell.Of(growth.Before / unit), Cell.Of(growth.After / unit),
                Cell.Of(growth.AnHour / unit), isFlat ? "flat" : "grows");
        }
    }
}
