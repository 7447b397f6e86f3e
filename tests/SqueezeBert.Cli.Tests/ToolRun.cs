using System.Diagnostics;
using System.Text;
using SqueezeBert.Cli.Terminal;

namespace SqueezeBert.Cli.Tests;

/// <summary>A command line and what came of it.</summary>
internal sealed record ToolRun(int Code, string Output, string Error)
{
    /// <summary>Lines of the output, without their ends.</summary>
    public string[] Lines => Output.Length == 0 ? [] : Output[..^1].Split('\n');

    /// <summary>Runs a command in this process.</summary>
    public static ToolRun Of(params string[] args) => On(Stream.Null, args);

    /// <summary>Runs a command in this process with a standard input.</summary>
    public static ToolRun On(Stream input, params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var console = new ToolConsole(input, output, error, isErrorInteractive: false);
        var code = Tool.Run(args, console);
        return new ToolRun(code, output.ToString(), error.ToString());
    }

    /// <summary>Starts the tool as a process of its own.</summary>
    public static Process Start(params string[] args) => Start([], args);

    /// <summary>Starts the tool as a process of its own, with variables of its environment.</summary>
    public static Process Start((string Name, string Value)[] environment, string[] args)
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = utf8,
            StandardOutputEncoding = utf8,
            StandardErrorEncoding = utf8,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "squeezebert.dll"));
        foreach (var arg in args) start.ArgumentList.Add(arg);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Fails unless the command failed with one line that has all of these parts; an empty output goes with it.</summary>
    public void AssertFails(int code, params string[] parts)
    {
        Assert.Equal(code, Code);
        Assert.Empty(Output);
        var lines = Error.TrimEnd('\n').Split('\n');
        foreach (var part in parts) Assert.Contains(part, lines[^1], StringComparison.Ordinal);
    }

    /// <summary>The standard output of a run that succeeded.</summary>
    public string Succeeds()
    {
        Assert.True(Code == 0, $"exit code {Code}: {Error}");
        return Output;
    }
}
