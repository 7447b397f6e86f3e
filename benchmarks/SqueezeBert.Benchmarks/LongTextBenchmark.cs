using System.Diagnostics;
using SqueezeBert.Benchmarks.Measuring;

namespace SqueezeBert.Benchmarks;

/// <summary>Texts that are far longer than what is read: how long a call takes, and what memory it takes and leaves.</summary>
internal static class LongTextBenchmark
{
    public const string Usage = "--model FOLDER [--characters 240000000] [--cancel 0.2]";

    public static void Run(Arguments arguments, TextWriter output)
    {
        var count = arguments.Integer("--characters", 240_000_000);
        var cancel = arguments.Number("--cancel", 0.2);
        Machine.Describe(output, arguments.All);
        using var classifier = TextClassifier.Load(arguments.Required("--model", "the folder of a classifier"));
        classifier.WarmUp();
        var table = new Table(
            output, "text", "reading", "ends with", "ms:", "before MB:", "more at most MB:", "more after MB:", "retained MB:");
        foreach (var (name, unit) in (ReadOnlySpan<(string, string)>)[("words", "the film was good "), ("one word", "a"), ("emoji", "😀")])
        {
            var text = string.Create(count, unit, static (span, unit) =>
            {
                for (var i = 0; i < span.Length; i++) span[i] = unit[i % unit.Length];
            });
            Row(name, text, "truncate", LongText.Truncate, null);
            Row(name, text, "windows, cancelled", LongText.Windows, cancel);
            Row(name, text, "error", LongText.Error, null);
        }

        void Row(string name, string text, string how, LongText longText, double? seconds)
        {
            var before = Settled();
            using var source = new CancellationTokenSource();
            if (seconds is { } after) source.CancelAfter(TimeSpan.FromSeconds(after));
            var most = before;
            using var timer = new Timer(_ => most = Math.Max(most, WorkingSet()), null, 0, 5);
            var watch = Stopwatch.StartNew();
            var end = "an answer";
            try
            {
                classifier.Classify(text, new ReadingOptions { LongText = longText }, source.Token);
            }
            catch (Exception e) when (e is ArgumentException or OperationCanceledException)
            {
                end = e.GetType().Name;
            }

            var time = watch.Elapsed.TotalSeconds;
            most = Math.Max(most, WorkingSet());
            var retained = classifier.Model.RetainedBytes;
            table.Row(
                name, how, end, Table.Milliseconds(time), Table.Megabytes(before), Table.Megabytes(most - before),
                Table.Megabytes(Settled() - before), Table.Megabytes(retained));
        }

        // What the collector keeps for later is no one's.
        long Settled()
        {
            classifier.Model.Trim();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            return WorkingSet();
        }
    }

    private static long WorkingSet()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
