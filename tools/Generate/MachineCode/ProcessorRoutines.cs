using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace SqueezeBert.Generate.MachineCode;

/// <summary>Short routines that ask a processor for something. Those without vectors fit the calling conventions of both systems.</summary>
internal static class ProcessorRoutines
{
    private const int Chains = 12, Factor = 30, Addend = 31;

    /// <summary>Returns the registers that the system saves (XGETBV), as a number of 64 bits.</summary>
    internal static Assembler EnabledRegisters()
    {
        Assembler c = new(64);
        c.xor(ecx, ecx);
        c.xgetbv();
        c.shl(rdx, 32);
        c.or(rax, rdx);
        c.ret();
        return c;
    }

    /// <summary>
    /// Twelve independent chains of 512-bit multiply-adds on registers alone, for what a core can do at most. Takes a factor and an addend,
    /// a float each, and behind them the number of rounds.
    /// </summary>
    internal static Assembler Peak()
    {
        var zmm = Enumerable.Range(0, 32).Select(i => new AssemblerRegisterZMM(Register.ZMM0 + i)).ToArray();
        Assembler c = new(64);
        c.vbroadcastss(zmm[Factor], __dword_ptr[rdi]);
        c.vbroadcastss(zmm[Addend], __dword_ptr[rdi + 4]);
        for (var i = 0; i < Chains; i++)
            c.vmovaps(zmm[i], zmm[Addend]);
        c.mov(rcx, __qword_ptr[rdi + 8]);
        var loop = c.CreateLabel();
        c.Label(ref loop);
        for (var i = 0; i < Chains; i++)
            c.vfmadd213ps(zmm[i], zmm[Factor], zmm[Addend]);
        c.dec(rcx);
        c.jne(loop);
        c.vzeroupper();
        c.ret();
        return c;
    }
}
