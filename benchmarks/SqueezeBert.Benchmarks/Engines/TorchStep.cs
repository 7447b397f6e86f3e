using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace SqueezeBert.Benchmarks.Engines;

/// <summary>
/// A training step by PyTorch's CPU kernels: a tool that is called as TOOL MODEL THREADS BATCH LENGTH, runs steps for some seconds in a
/// process of its own and prints a line "steps N median X ms minimum Y ms".
/// </summary>
internal sealed partial class TorchStep(string tool, TrainingShape shape, int threads)
{
    /// <summary>
    /// Settings of glibc under which freed memory stays with the process. By default a step's large tensors go back to the system when they
    /// are freed, and each new one takes a page fault every 4 KB; what that costs depends on the machine more than on PyTorch.
    /// </summary>
    private static readonly (string Name, string Value)[] KeepMemory =
        [("MALLOC_MMAP_THRESHOLD_", "4000000000"), ("MALLOC_TRIM_THRESHOLD_", "8000000000"), ("MALLOC_TOP_PAD_", "500000000")];

    /// <summary>Runs the tool once: median and least seconds of its steps.</summary>
    /// <exception cref="IOException">The tool failed or printed something else.</exception>
    public (double Median, double Minimum) Run(bool keepMemory)
    {
        string[] arguments = [shape.TorchModel, Text(threads), Text(shape.Texts), Text(shape.Length)];
        var start = new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true };
        foreach (var (name, value) in keepMemory ? KeepMemory : []) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var printed = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var match = Times().Match(printed);
        if (process.ExitCode != 0 || !match.Success)
            throw new IOException($"{tool} {string.Join(' ', arguments)}: exit code {process.ExitCode}, printed '{printed.Trim()}'");
        return (Seconds(match.Groups["median"]), Seconds(match.Groups["minimum"]));
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static double Seconds(Group milliseconds) => double.Parse(milliseconds.Value, CultureInfo.InvariantCulture) / 1e3;

    [GeneratedRegex(@"median\s+(?<median>[0-9.]+) ms\s+minimum\s+(?<minimum>[0-9.]+) ms")]
    private static partial Regex Times();
}
