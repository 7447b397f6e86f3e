using System.Diagnostics;
using System.Globalization;
using SqueezeBert.Benchmarks.Measuring;

namespace SqueezeBert.Benchmarks;

/// <summary>
/// From the start of the tool's process to its first line of output and to its end: with the model in the box, and with a SqueezeBERT-base
/// classifier of formula weights whose files are in the page cache. docs/performance.md says how the tool is published.
/// </summary>
internal static class StartupBenchmark
{
    public const string Usage = "--tool PATH/squeezebert [--rounds 20] [--models squeezebert-base]";

    private const string Text = "The battery died after a day.";

    public static void Run(Arguments arguments, TextWriter output)
    {
        var tool = arguments.Required("--tool", "the published command, see docs/performance.md");
        Machine.Describe(output, arguments.All);
        var folders = new List<SyntheticCheckpoint>();
        try
        {
            var cases = new List<Case> { new("(info, no model)", ["info"]), new("in the box", ["classify", Text]) };
            foreach (var model in arguments.Texts("--models", "squeezebert-base").Select(BenchmarkModel.Find))
            {
                folders.Add(new SyntheticCheckpoint(model));
                cases.Add(new(model.Name, ["classify", "--model", folders[^1].Path, Text]));
            }

            Measure(tool, cases, arguments.Integer("--rounds", 20), output);
        }
        finally
        {
            foreach (var folder in folders) folder.Dispose();
        }
    }

    private static void Measure(string tool, List<Case> cases, int rounds, TextWriter output)
    {
        // The first run reads files into the page cache, and shows what does not work.
        var failures = cases.Select(one => Start(tool, one.Command, out _, out _)).ToList();
        var rows = cases.Where((_, i) => failures[i] is null).ToList();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var one in rows)
            {
                if (Start(tool, one.Command, out var first, out var whole) is { } failure)
                    throw new IOException($"{tool} {string.Join(' ', one.Command)}: {failure}");
                one.First.Add(first);
                one.Whole.Add(whole);
            }
        }

        var table = new Table(output, "model", "runs:", "first line ms:", "min ms:", "spread:", "end ms:");
        foreach (var one in rows)
        {
            var first = new Samples(one.First);
            table.Row(
                one.Name, first.Count.ToString(CultureInfo.InvariantCulture), Table.Milliseconds(first.Median),
                Table.Milliseconds(first.Minimum), Table.Percent(first.Spread),
                Table.Milliseconds(new Samples(one.Whole).Median));
        }

        for (var i = 0; i < cases.Count; i++)
        {
            if (failures[i] is { } failure) output.WriteLine($"{cases[i].Name}: not measured: {failure}");
        }
    }

    /// <summary>Runs the command; returns what went wrong, or null.</summary>
    private static string? Start(string tool, string[] command, out double first, out double whole)
    {
        var start = new ProcessStartInfo(tool, command) { RedirectStandardOutput = true, RedirectStandardError = true };
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        var line = process.StandardOutput.ReadLine();
        first = Stopwatch.GetElapsedTime(started).TotalSeconds;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        whole = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return process.ExitCode == 0 && line is not null ? null
            : $"exit code {process.ExitCode}: {process.StandardError.ReadToEnd().Trim()}";
    }

    private sealed record Case(string Name, string[] Command)
    {
        public List<double> First { get; } = [];

        public List<double> Whole { get; } = [];
    }
}
