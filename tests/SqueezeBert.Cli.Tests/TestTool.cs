using System.Text;
using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Cli.Tests;

/// <summary>A folder with a tiny model, and one for files that the tool is run over.</summary>
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

    /// <summary>Runs in this process.</summary>
    public static ToolRun Run(params string[] args) => ToolRun.Of(args);

    /// <summary>Runs in this process with a standard input.</summary>
    public static ToolRun RunOn(string input, params string[] args) => ToolRun.On(new MemoryStream(Encoding.UTF8.GetBytes(input)), args);

    /// <summary>Runs in this process with a standard input.</summary>
    public static ToolRun RunOn(Stream input, params string[] args) => ToolRun.On(input, args);

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
