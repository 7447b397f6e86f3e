using System.Runtime.Intrinsics.X86;
using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products.Int8;
using SqueezeBert.Kernels.Products.Int8.MachineCode;
using SqueezeBert.Kernels.Products.Int8.Microkernels;
using SqueezeBert.Kernels.Products.MachineCode;
using SqueezeBert.Memory;

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
        var isOff = Environment.GetEnvironmentVariable(MachineRoutines.Variable) == "0";
        var canHave = InstructionSets.Available.Contains(InstructionSet.Avx512) && X86Base.CpuId(0, 0).Eax >= 7
            && (X86Base.CpuId(7, 0).Ecx & (1 << 11)) != 0;
        Assert.Equal(canHave && !isOff, VnniTiles.IsAvailable);
        Assert.Equal(VnniTiles.IsAvailable, Int8Forms.Available.Contains(Int8Form.Avx512Vnni));
        Assert.Equal(AmxTiles.IsAvailable, Int8Forms.Available.Contains(Int8Form.Amx));
        foreach (var set in new[] { InstructionSet.Avx512, InstructionSet.Avx512Tiles })
            if (VnniTiles.IsAvailable) Assert.Equal(AmxTiles.IsAvailable ? Int8Form.Amx : Int8Form.Avx512Vnni, Int8Forms.For(set));
        if (!VnniTiles.IsAvailable) Assert.False(Int8Forms.Selected is Int8Form.Avx512Vnni or Int8Form.Amx);
    }

    /// <summary>Linux grants AMX to this process, so that a machine that has it is not slower than it could be without a word.</summary>
    [Fact]
    public void TilesOfAmxAreUsedWhereTheProcessorHasThem()
    {
        var hasAmx = File.Exists("/proc/cpuinfo") && File.ReadAllText("/proc/cpuinfo").Contains(" amx_int8", StringComparison.Ordinal);
        Assert.SkipUnless(hasAmx && VnniTiles.IsAvailable, "this processor has no AMX, or machine code is switched off");
        Assert.True(AmxTiles.IsAvailable);
    }

    /// <summary>
    /// A program that is compiled ahead of time without 512-bit vectors has its products from them, so all kernel tests go through them
    /// (<see cref="InstructionSets.Available"/>).
    /// </summary>
    [Fact]
    public void ThereAreFloatTilesWhereTheProcessorHasWideVectors()
    {
        var isOff = Environment.GetEnvironmentVariable(MachineRoutines.Variable) == "0";
        Assert.Equal(!isOff && InstructionSets.Available.Contains(InstructionSet.Avx512), FmaTiles.IsAvailable);
        Assert.Equal(FmaTiles.IsAvailable, InstructionSets.Available.Contains(InstructionSet.Avx512Tiles));
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
        if (Environment.GetEnvironmentVariable(ChildVariable) is not null)
            Assert.False(VnniTiles.IsAvailable || AmxTiles.IsAvailable || FmaTiles.IsAvailable);
    }

    /// <summary>The entry for Windows, called from Linux: the sums are right, and what Windows lets nobody change is not changed.</summary>
    [Fact]
    public unsafe void TheEntryForWindowsKeepsItsRegisters()
    {
        Assert.SkipUnless(VnniTiles.IsAvailable && OperatingSystem.IsLinux(), "there is no machine code, or this is Windows");
        var entry = ExecutableMemory.TryCreate(WindowsEntryCode.Bytes);
        var caller = (delegate* unmanaged<ByteTileArguments*, nint, byte*, byte*, void>)ExecutableMemory.TryCreate(WindowsCaller.Code);
        const int Rows = 8, Width = 48, Quads = 5;
        Random random = new(1);
        byte[] a = new byte[Rows * Quads * 4], b = new byte[Quads * Width * 4], block = new byte[WindowsCaller.BlockBytes];
        random.NextBytes(a);
        random.NextBytes(b);
        random.NextBytes(block);
        var before = block.ToArray();
        int[] sums = new int[Rows * Width], starts = [.. Enumerable.Range(0, Width).Select(_ => random.Next(1000))];
        fixed (byte* rows = a, columns = b, registers = block)
        {
            fixed (int* c = sums, start = starts)
            {
                ByteTileArguments t = new()
                {
                    A = rows,
                    ARowStride = Quads * 4,
                    B = columns,
                    Quads = Quads,
                    C = c,
                    CStride = Width,
                    Starts = start,
                    Prefetch = columns,
                };
                caller(&t, VnniTiles.Routine(Width / 16, Rows), registers, entry);
            }
        }

        Assert.Equal(before, block);
        for (var i = 0; i < Rows; i++)
        {
            for (var j = 0; j < Width; j++)
            {
                var sum = starts[j];
                for (var k = 0; k < Quads * 4; k++)
                    sum += a[(i * Quads * 4) + k] * (sbyte)b[(k / 4 * Width * 4) + (j * 4) + (k % 4)];
                Assert.Equal(sum, sums[(i * Width) + j]);
            }
        }
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
