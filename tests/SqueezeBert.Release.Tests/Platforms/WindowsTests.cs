using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace SqueezeBert.Release.Tests.Platforms;

/// <summary>The tool for Windows, run by Wine: Windows' paths, CR LF in files, and the bits of Linux.</summary>
public sealed class WindowsTests(WindowsTests.Wine wine) : IClassFixture<WindowsTests.Wine>
{
    [Fact]
    public void TheToolClassifiesAsHere() => ToolComparison.Classify(wine.Emulator, wine.Tool, wine.Folder, '\\');

    [Theory]
    [InlineData("squeezebert-sequence-classification")]
    [InlineData("mobilebert-encoder")]
    public void ForwardWritesTheBytesOfThisSystem(string model) =>
        ToolComparison.Forward(wine.Emulator, wine.Tool, wine.Folder, model);

    [Fact]
    public void TheToolIsAWindowsProgram() =>
        Assert.Contains("Microsoft Windows", wine.Emulator.Run(wine.Folder, wine.Tool, ["info"]), StringComparison.Ordinal);

    /// <summary>The published tool and a Windows folder of its own, made for the first test that needs them.</summary>
    public sealed class Wine : IDisposable
    {
        private readonly PublishedPrograms _programs = new();

        public string Folder => _programs.Folder;

        public string Tool => Path.Combine(_programs.Publish("src/SqueezeBert.Cli/SqueezeBert.Cli.csproj", "win-x64"), "squeezebert.exe");

        internal Emulator Emulator
        {
            get
            {
                Assert.SkipUnless(
                    OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64 && Fma.IsSupported,
                    "Windows' programs are compared with Linux's on x64 with fused multiply-add");
                Assert.SkipUnless(Program is not null, "Wine is not installed; on Debian, .ci/platforms installs it");
                return new(Program!, [], Environment);
            }
        }

        private static string? Program => File.Exists("/usr/lib/wine/wine64") ? "/usr/lib/wine/wine64" : Emulator.Find("wine64", "wine");

        private (string Name, string Value)[] Environment => [("WINEPREFIX", Path.Combine(Folder, "prefix")), ("WINEDEBUG", "-all")];

        public void Dispose()
        {
            // Wine's services outlive the program and would write into the folder that is deleted.
            var server = File.Exists("/usr/lib/wine/wineserver64") ? "/usr/lib/wine/wineserver64" : Emulator.Find("wineserver");
            if (Directory.Exists(Path.Combine(Folder, "prefix")) && server is not null)
                foreach (var option in new[] { "-k", "-w" }) Command.Try(Folder, server, [option], Environment);
            _programs.Dispose();
        }
    }
}
