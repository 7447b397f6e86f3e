using System.Diagnostics;
using System.Text;
using SqueezeBert.Tests.Pipelines;

namespace SqueezeBert.Cli.Tests;

/// <summary>What a run of the tool did.</summary>
internal sealed record ToolAnswer(int Code, string Output, string Error)
{
    /// <summary>Lines of the output, without the end of the last.</summary>
    public string[] Lines => Output.Length == 0 ? [] : Output[..^1].Split('\n');
}

/// <summary>A folder with a tiny model, and the tool run over files in it: in this process, or as a process of its own.</summary>
internal sealed class TestTool : IDisposable
{
    private readonly ClassifierFolder _model;

    public TestTool(string model = "squeezebert-sequence-classification")
    {
        _model = new ClassifierFolder(model);
        Folder = Directory.CreateTempSubdirectory("squeezebert-cli-").FullName;
    }

    /// <summary>A model's folder.</summary>
    public string Model => _model.Path;

    /// <summary>A folder for files.</summary>
    public string Folder { get; }

    /// <summary>The command line of the built tool, for a shell.</summary>
    public static string Program => Path.Combine(AppContext.BaseDirectory, "squeezebert.dll");

    /// <summary>Runs in this process.</summary>
    public static ToolAnswer Run(params string[] args) => RunOn(Stream.Null, args);

    /// <summary>Runs in this process with a standard input.</summary>
    public static ToolAnswer RunOn(string input, params string[] args) => RunOn(new MemoryStream(Encoding.UTF8.GetBytes(input)), args);

    /// <summary>Runs in this process with a standard input.</summary>
    public static ToolAnswer RunOn(Stream input, params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var console = new ToolConsole(input, output, error, isErrorInteractive: false);
        var code = Tool.Run(args, console);
        return new ToolAnswer(code, output.ToString(), error.ToString());
    }

    /// <summary>Starts the built tool.</summary>
    public static Process Start(params string[] args)
    {
        var utf8 = new UTF8Encoding(false);
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = utf8,
            StandardOutputEncoding = utf8,
            StandardErrorEncoding = utf8,
        };
        start.ArgumentList.Add(Program);
        foreach (var arg in args) start.ArgumentList.Add(arg);
        return Process.Start(start)!;
    }

    /// <summary>Runs that must fail: one line on standard error, nothing on standard output.</summary>
    public static string Fails(int code, params string[] args)
    {
        var answer = Run(args);
        Assert.Equal(code, answer.Code);
        Assert.Empty(answer.Output);
        return OneLine(answer.Error);
    }

    /// <summary>The one line of a standard error.</summary>
    public static string OneLine(string error)
    {
        Assert.EndsWith("\n", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error[..^1]);
        return error[..^1];
    }

    /// <summary>Writes a file; gives its path.</summary>
    public string Write(string name, string content) => Write(name, Encoding.UTF8.GetBytes(content));

    /// <summary>Writes a file; gives its path.</summary>
    public string Write(string name, byte[] content)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    public void Dispose()
    {
        _model.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
