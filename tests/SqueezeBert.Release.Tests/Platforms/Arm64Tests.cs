using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text.RegularExpressions;

namespace SqueezeBert.Release.Tests.Platforms;

/// <summary>Kernels, models and the tool on ARM64's vectors (AdvSimd), run by QEMU: the bits of x64.</summary>
public sealed partial class Arm64Tests(Arm64Tests.Arm64 arm) : IClassFixture<Arm64Tests.Arm64>
{
    private const string Kernels = "SqueezeBert.Tests.Kernels";

    private const string Digest = "SqueezeBert.Tests.Inference.InstructionSetBitsTests.WriteTheDigest";

    private const string DigestVariable = "SQUEEZEBERT_TEST_BITS";

    /// <summary>Every kernel with sizes that fill no vector and no tile, against its scalar twin.</summary>
    [Fact]
    public void TheKernelTestsPass()
    {
        var output = arm.Emulator.Run(arm.Folder, arm.Tests, ["-namespace", Kernels, "-namespace", Kernels + ".*", "-noColor"]);
        TestContext.Current.TestOutputHelper!.WriteLine(output);
        var (total, failed, skipped) = (Count(output, "Total"), Count(output, "Failed"), Count(output, "Skipped"));
        Assert.True(failed == 0 && Count(output, "Errors") == 0, output);
        Assert.True(total - skipped >= 80, output);

        // What is skipped says why: what starts a process, which the emulator does not, and the machine code of x64.
        Assert.Equal(skipped, SkipReason().Count(output));
    }

    /// <summary>All golden models and one of a real width, every output.</summary>
    [Fact]
    public void ModelsHaveTheBitsOfX64()
    {
        string here = Path.Combine(arm.Folder, "here.txt"), there = Path.Combine(arm.Folder, "there.txt");
        var emulated = arm.Emulator;
        var tests = Path.Combine(
            Repository.Root, "tests", "SqueezeBert.Tests", "bin", Repository.Configuration, "net10.0", "SqueezeBert.Tests.dll");
        Command.Run(arm.Folder, "dotnet", [tests, "-method", Digest, "-noColor"], (DigestVariable, here));
        emulated.Run(arm.Folder, arm.Tests, ["-method", Digest, "-noColor"], (DigestVariable, there));
        string[] x64 = File.ReadAllLines(here), arm64 = File.ReadAllLines(there);
        Assert.StartsWith("X64 ", x64[2], StringComparison.Ordinal);
        Assert.Equal("Arm64 Vector128 AdvSimd True", arm64[2]);
        Assert.Equal(x64[1], arm64[1]);
    }

    [Fact]
    public void TheToolClassifiesAsHere() => ToolComparison.Classify(arm.Emulator, arm.Tool, arm.Folder, '/');

    [Theory]
    [InlineData("squeezebert-sequence-classification")]
    public void ForwardWritesTheBytesOfThisSystem(string model) =>
        ToolComparison.Forward(arm.Emulator, arm.Tool, arm.Folder, model);

    private static int Count(string output, string name)
    {
        var match = Regex.Match(output, name + @": (\d+)", RegexOptions.None, TimeSpan.FromSeconds(10));
        Assert.True(match.Success, output);
        return int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"\[SKIP\]\s+(a child process cannot be started: |there is no machine code|this processor has no AMX)")]
    private static partial Regex SkipReason();

    /// <summary>The published programs, made for the first test that needs them.</summary>
    public sealed class Arm64 : IDisposable
    {
        private readonly PublishedPrograms _programs = new();

        public string Folder => _programs.Folder;

        public string Tests => Path.Combine(Publish("tests/SqueezeBert.Tests/SqueezeBert.Tests.csproj"), "SqueezeBert.Tests");

        public string Tool => Path.Combine(Publish("src/SqueezeBert.Cli/SqueezeBert.Cli.csproj"), "squeezebert");

        internal Emulator Emulator
        {
            get
            {
                Assert.SkipUnless(
                    OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64 && Fma.IsSupported,
                    "ARM64 is compared with Linux on x64 with fused multiply-add");
                var program = Emulator.Find("qemu-aarch64-static", "qemu-aarch64");
                var system = Path.Combine(Repository.Root, "artifacts", "arm64-system");
                Assert.SkipUnless(program is not null && Directory.Exists(Path.Combine(system, "lib")),
                    "qemu-aarch64 or ARM64's system libraries are not installed; on Debian, .ci/platforms installs both");

                // QEMU crashes on code that is mapped twice, for writing and for running.
                return new(program!, ["-E", "DOTNET_EnableWriteXorExecute=0", "-L", system], [("SQUEEZEBERT_TEST_EMULATOR", "QEMU")]);
            }
        }

        public void Dispose() => _programs.Dispose();

        private string Publish(string project) => _programs.Publish(project, "linux-arm64");
    }
}
