using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using SqueezeBert.Kernels;

namespace SqueezeBert.Tests.Kernels;

public sealed class InstructionSetTests
{
    /// <summary>In a child process: what the test of the parent process expects to be switched off.</summary>
    private const string ChildVariable = "SQUEEZEBERT_TEST_WITHOUT";

    [Fact]
    public void TheBestIsTheLastAvailable()
    {
        Assert.Equal(InstructionSets.Available[^1], InstructionSets.Best);
        Assert.Contains(InstructionSet.Scalar, InstructionSets.Available);
        Assert.Contains(InstructionSets.Selected, InstructionSets.Available);
    }

    [Fact]
    public void TheVariableForcesALowerSetAndRejectsAnUnknownOne()
    {
        Assert.Equal(InstructionSets.Best, InstructionSets.Select(null));
        Assert.Equal(InstructionSets.Best, InstructionSets.Select(""));
        Assert.Equal(InstructionSet.Scalar, InstructionSets.Select("Scalar"));
        foreach (var set in InstructionSets.Available)
            Assert.Equal(set, InstructionSets.Select(set.ToString().ToLowerInvariant()));
        var error = Assert.Throws<InvalidOperationException>(() => InstructionSets.Select("mmx"));
        Assert.Contains("mmx", error.Message);
        Assert.Contains("vector128", error.Message);
    }

    /// <summary>
    /// Runs all kernel tests again in a process in which the runtime does not use an instruction set, as on an older processor.
    /// </summary>
    [Theory]
    [InlineData("DOTNET_EnableAVX512", "avx512")]
    [InlineData("DOTNET_EnableAVX2", "avx2")]
    [InlineData("DOTNET_EnableHWIntrinsic", "all")]
    public async Task KernelsPassWithout(string variable, string without)
    {
        if (Environment.GetEnvironmentVariable(ChildVariable) is not null)
            return;
        var kernels = typeof(InstructionSetTests).Namespace!;
        await TestProcess.RunAsync(
            ["-namespace", kernels, "-namespace", kernels + ".*"],
            new Dictionary<string, string> { [variable] = "0", [ChildVariable] = without });
    }

    [Fact]
    public void TheSwitchTookEffect()
    {
        switch (Environment.GetEnvironmentVariable(ChildVariable))
        {
            case "avx512":
                Assert.False(Avx512F.IsSupported || Vector512.IsHardwareAccelerated);
                Assert.DoesNotContain(InstructionSet.Avx512, InstructionSets.Available);
                break;
            case "avx2":
                Assert.False(Avx2.IsSupported || Vector256.IsHardwareAccelerated);
                Assert.Equal(Fma.IsSupported || AdvSimd.IsSupported, InstructionSets.HasFusedMultiplyAdd);
                Assert.Equal(InstructionSet.Vector128, InstructionSets.Best);
                break;
            case "all":
                Assert.False(Vector128.IsHardwareAccelerated || Sse42.IsSupported);
                Assert.Equal([InstructionSet.Scalar], InstructionSets.Available);
                break;
            default:
                break;
        }
    }
}
