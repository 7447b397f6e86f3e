using System.Diagnostics;
using SqueezeBert.Kernels;

namespace SqueezeBert.Tests;

/// <summary>This test program once more, in a process with other environment variables: how a test sees another processor.</summary>
internal static class TestProcess
{
    /// <summary>The name of the emulator that runs this process; set by the tests of the release, which start it.</summary>
    private const string EmulatorVariable = "SQUEEZEBERT_TEST_EMULATOR";

    /// <summary>
    /// Runs the tests that <paramref name="filter"/> (options of xunit's in-process runner) selects; fails with their output if one fails
    /// or none ran. Skips the test under an emulator, which runs one program and not those that it starts.
    /// </summary>
    public static async Task RunAsync(string[] filter, IReadOnlyDictionary<string, string> environment)
    {
        var emulator = Environment.GetEnvironmentVariable(EmulatorVariable);
        Assert.SkipWhen(emulator is not null, $"a child process cannot be started: {emulator} runs this one");
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
            start.ArgumentList.Add(typeof(TestProcess).Assembly.Location);
        foreach (var argument in filter.Append("-noColor")) start.ArgumentList.Add(argument);
        start.Environment.Remove(InstructionSets.Variable);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var child = Process.Start(start)!;
        var errors = child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(child.ExitCode == 0, output + await errors);
        Assert.Contains("Failed: 0", output);
        Assert.DoesNotContain("Total: 0", output);
    }
}
