using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text.Json;
using SqueezeBert.Release.Tests.Platforms;

namespace SqueezeBert.Release.Tests.AheadOfTime;

/// <summary>Programs of this repository compiled ahead of time, made for the first test that needs them.</summary>
public sealed class NativePrograms : IDisposable
{
    /// <summary>The system that they are compiled for.</summary>
    public const string Runtime = "linux-x64";

    private readonly PublishedPrograms _programs = new();

    public string Folder => _programs.Folder;

    /// <summary>The folder of the model in the repository.</summary>
    public static string Model => Path.Combine(Repository.Root, "models", "sentiment");

    /// <summary>The C compiler, which also links; the test is skipped where there is none.</summary>
    public static string Compiler
    {
        get
        {
            Assert.SkipUnless(
                OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64 && Fma.IsSupported,
                "programs are compiled ahead of time for Linux on x64 with fused multiply-add");
            var clang = Emulator.Find("clang");
            Assert.SkipUnless(clang is not null, "clang is not installed; on Debian, .ci/platforms installs it");
            return clang!;
        }
    }

    /// <summary>The tool as one file.</summary>
    public string Tool => Path.Combine(Publish("src/SqueezeBert.Cli/SqueezeBert.Cli.csproj"), "squeezebert");

    /// <summary>The folder of the shared library and its header.</summary>
    public string Library => Publish("src/SqueezeBert.Native/SqueezeBert.Native.csproj");

    /// <summary>What the tool answers as the just-in-time compiler runs it.</summary>
    public string RunHere(params string[] arguments)
    {
        var tool = Path.Combine(Repository.Root, "src", "SqueezeBert.Cli", "bin", Repository.Configuration, "net10.0", "squeezebert.dll");
        return Command.Run(Folder, "dotnet", [tool, .. arguments]);
    }

    /// <summary>The scores of texts by label, with all of their bits, as the just-in-time compiler computes them.</summary>
    public IReadOnlyList<Dictionary<string, float>> ScoresHere(string precision, params string[] texts) =>
    [
        .. RunHere(["classify", "--json", "--model", Model, "--precision", precision, .. texts])
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("labels").EnumerateArray().ToDictionary(
                label => label.GetProperty("label").GetString()!, label => label.GetProperty("score").GetSingle())),
    ];

    /// <summary>A project of a user outside of the repository, compiled ahead of time.</summary>
    public string PublishOther(string project)
    {
        _ = Compiler;
        return _programs.PublishAheadOfTime(project, Runtime);
    }

    public void Dispose() => _programs.Dispose();

    private string Publish(string project)
    {
        _ = Compiler;
        return _programs.PublishAheadOfTime(project, Runtime);
    }
}
