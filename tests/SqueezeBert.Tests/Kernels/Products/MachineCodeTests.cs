using System.Runtime.Intrinsics.X86;
using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products.Int8;
using SqueezeBert.Kernels.Products.Int8.MachineCode;

namespace SqueezeBert.Tests.Kernels.Products;

/// <summary>
/// Where there is machine code; what it computes is asked by <see cref="Int8ProductTests"/>, which goes through all forms.
/// </summary>
public sealed class MachineCodeTests
{
    /// <summary>In a child process: machine code is switched off.</summary>
    private const string ChildVariable = "SQUEEZEBERT_TEST_NO_MACHINE_CODE";

    [Fact]
    public void ThereIsMachineCodeWhereTheProcessorHasVnni()
    {
        var isOff = Environment.GetEnvironmentVariable(VnniTiles.Variable) == "0";
        var canHave = InstructionSets.Available.Contains(InstructionSet.Avx512) && X86Base.CpuId(0, 0).Eax >= 7
            && (X86Base.CpuId(7, 0).Ecx & (1 << 11)) != 0;
        Assert.Equal(canHave && !isOff, VnniTiles.IsAvailable);
        Assert.Equal(VnniTiles.IsAvailable, Int8Forms.Available.Contains(Int8Form.Avx512Vnni));
        if (VnniTiles.IsAvailable) Assert.Equal(Int8Form.Avx512Vnni, Int8Forms.For(InstructionSet.Avx512));
        if (!VnniTiles.IsAvailable) Assert.NotEqual(Int8Form.Avx512Vnni, Int8Forms.Selected);
    }

    /// <summary>Without it int8 still works, with the same bits.</summary>
    [Theory]
    [InlineData("SQUEEZEBERT_MACHINE_CODE")]
    public async Task ProductsPassWithout(string variable)
    {
        if (Environment.GetEnvironmentVariable(ChildVariable) is not null)
            return;
        var tests = typeof(MachineCodeTests).Namespace!;
        await TestProcess.RunAsync(["-namespace", tests], new Dictionary<string, string> { [variable] = "0", [ChildVariable] = "1" });
    }

    [Fact]
    public void TheSwitchTookEffect()
    {
        if (Environment.GetEnvironmentVariable(ChildVariable) is not null) Assert.False(VnniTiles.IsAvailable);
    }

    [Fact]
    public void AFormGoesWithEachInstructionSet()
    {
        foreach (var set in InstructionSets.Available)
            Assert.Contains(Int8Forms.For(set), Int8Forms.Available);
        Assert.Equal(Int8Form.Scalar, Int8Forms.For(InstructionSet.Scalar));
        Assert.Equal(Int8Forms.For(InstructionSets.Selected), Int8Forms.Selected);
    }
}
