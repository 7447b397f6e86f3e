using System.Diagnostics;
using System.Globalization;
using SqueezeBert.Benchmarks.Engines;
using SqueezeBert.Benchmarks.Measuring;

namespace SqueezeBert.Benchmarks;

/// <summary>
/// Many callers of every kind on one model, each with its next call as soon as the last one is answered: throughput, the longest call
/// against its fair share, and memory before, during and after.
/// </summary>
internal static class StormBenchmark
{
    public const string Usage = "--model FOLDER [--seconds 60] [--callers 64] [--rounds 2] [--warm-up 10]";

    private const int TextCount = 200, LongestWords = 120, Together = 8;
    private static readonly string[] Kinds = ["sync", "list", "async", "async list", "stream"];

    /// <exception cref="WrongResultException">An answer has other bits than the same text alone.</exception>
    public static void Run(Arguments arguments, TextWriter output)
    {
        var callers = arguments.Integer("--callers", 64);
        var seconds = arguments.Number("--seconds", 60);
        Machine.Describe(output, arguments.All);
        using var classifier = TextClassifier.Load(arguments.Required("--model", "the folder of a classifier"));
        var texts = Texts();
        var expected = texts.Select(text => classifier.Classify(text)).ToList();
        classifier.Model.Trim();
        output.WriteLine(
            $"{callers} callers: {string.Join(", ", Kinds)} in turn, {Together} texts where there are several; texts of 1 to " +
                $"{LongestWords} words");
        output.WriteLine(
            "fair share: callers x tokens of the call / tokens a second; a call shorter than the mean is taken for a mean one, " +
                "since those before it are");
        var warmUp = arguments.Number("--warm-up", 10);
        output.WriteLine(FormattableString.Invariant(
            $"not counted: the first {warmUp} seconds, in which threads start and code is compiled"));
        output.WriteLine("managed: what the collector's heap has committed, of the trimmed working set");
        output.WriteLine();
        if (warmUp > 0)
        {
            var unseen = new Peak(classifier.Model);
            Storm(classifier, texts, expected, callers, warmUp, unseen, out _);
            unseen.Stop();
            classifier.Model.Trim();
        }

        var table = new Table(output, "round", "calls/s:", "tokens/s:", "mean ms:", "longest ms:", "its fair share:", "ratio:",
            "highest ratio:", "before MB:", "at most MB:", "trimmed MB:", "managed MB:", "retained MB:", "after Trim:");
        for (var round = 1; round <= arguments.Integer("--rounds", 2); round++)
        {
            var before = WorkingSet();
            var peak = new Peak(classifier.Model);
            var calls = Storm(classifier, texts, expected, callers, seconds, peak, out var elapsed);
            var most = peak.Stop();
            classifier.Model.Trim();
            var rate = calls.Sum(call => (double)call.Tokens) / elapsed;
            var mean = calls.Average(call => call.Tokens);
            var longest = calls.MaxBy(call => call.Seconds);
            table.Row(
                Table.Whole(round), Whole(calls.Count / elapsed), Whole(rate), Table.Milliseconds(calls.Average(call => call.Seconds)),
                Table.Milliseconds(longest.Seconds), Table.Milliseconds(Fair(longest)), Table.Ratio(longest.Seconds / Fair(longest)),
                Table.Ratio(calls.Max(call => call.Seconds / Fair(call))), Table.Megabytes(before), Table.Megabytes(most.WorkingSet),
                Table.Megabytes(WorkingSet()), Table.Megabytes(GC.GetGCMemoryInfo().TotalCommittedBytes), Table.Megabytes(most.Retained),
                Table.Megabytes(classifier.Model.RetainedBytes));
            if (classifier.Model.RetainedBytes != 0) throw new WrongResultException("Trim() left working memory behind");

            double Fair(Call call) => callers * Math.Max(call.Tokens, mean) / rate;
        }
    }

    private static List<Call> Storm(
        TextClassifier classifier, string[] texts, List<Classification> expected, int callers, double seconds, Peak peak,
        out double elapsed)
    {
        var all = new List<Call>[callers];
        var watch = Stopwatch.StartNew();
        var tasks = Enumerable.Range(0, callers).Select(caller => Task.Factory.StartNew(
            async () =>
            {
                var calls = all[caller] = [];
                for (var number = 0; watch.Elapsed.TotalSeconds < seconds; number++)
                {
                    var first = ((caller * 31) + (number * 7)) % (texts.Length - Together);
                    var start = Stopwatch.GetTimestamp();
                    var answers = await AskAsync(classifier, texts, first, (caller + number) % Kinds.Length).ConfigureAwait(false);
                    var time = Stopwatch.GetElapsedTime(start).TotalSeconds;
                    for (var i = 0; i < answers.Count; i++) Check(expected[first + i], answers[i]);
                    calls.Add(new Call(time, answers.Sum(answer => answer.Read.TokenCount)));
                    peak.Look();
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()).ToArray();
        Task.WaitAll(tasks);
        elapsed = watch.Elapsed.TotalSeconds;
        return [.. all.SelectMany(calls => calls)];
    }

    private static async Task<IReadOnlyList<Classification>> AskAsync(TextClassifier classifier, string[] texts, int first, int kind)
    {
        var some = texts[first..(first + Together)];
        return kind switch
        {
            0 => [classifier.Classify(texts[first])],
            1 => classifier.Classify(some),
            2 => [await classifier.ClassifyAsync(texts[first]).ConfigureAwait(false)],
            3 => await classifier.ClassifyAsync(some).ConfigureAwait(false),
            _ => [.. classifier.ClassifyStream(some)],
        };
    }

    private static void Check(Classification expected, Classification answer)
    {
        if (!expected.Labels.SequenceEqual(answer.Labels)) throw new WrongResultException("an answer has other bits than its text alone");
    }

    private static string[] Texts()
    {
        var random = new Random(1);
        string[] words = ["the", "film", "was", "good", "bad", "very", "and", "a", "story", "about", "nothing", "at", "all"];
        return [.. Enumerable.Range(0, TextCount).Select(_ => string.Join(' ', Enumerable.Range(0, random.Next(1, LongestWords + 1))
            .Select(_ => words[random.Next(words.Length)])))];
    }

    private static long WorkingSet()
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private static string Whole(double value) => value.ToString("0", CultureInfo.InvariantCulture);

    private readonly record struct Call(double Seconds, int Tokens);

    /// <summary>The most memory that was seen, ten times a second, and of what is retained at the end of each call.</summary>
    private sealed class Peak
    {
        private readonly InferenceModel _model;
        private readonly Timer _timer;
        private long _workingSet;
        private long _retained;

        public Peak(InferenceModel model)
        {
            _model = model;
            _timer = new Timer(_ => LookAtProcess(), null, TimeSpan.Zero, TimeSpan.FromSeconds(0.1));
        }

        public void Look() => Raise(ref _retained, _model.RetainedBytes);

        public (long WorkingSet, long Retained) Stop()
        {
            using (var ended = new ManualResetEvent(false))
            {
                if (_timer.Dispose(ended)) ended.WaitOne();
            }

            return (_workingSet, _retained);
        }

        private void LookAtProcess()
        {
            using var process = Process.GetCurrentProcess();
            Raise(ref _workingSet, process.WorkingSet64);
        }

        private static void Raise(ref long most, long value)
        {
            for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
            {
                if (Interlocked.CompareExchange(ref most, value, seen) == seen) return;
            }
        }
    }
}
