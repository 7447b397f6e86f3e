using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace SqueezeBert.Generate.MachineCode;

/// <summary>
/// The microkernel of products of bytes with AMX: the sums of up to 16 rows in tile registers, as a routine of the System V calling
/// convention that takes a ByteTileArguments and writes the sums. The registers must be configured before: 0 to 3 for sums, 4 and 5 for 64
/// elements of the rows and the columns, 6 and 7 for what is left of the elements behind the last 64.
/// </summary>
/// <param name="vectors">Vectors of 16 columns, 1 to 4.</param>
internal sealed class AmxTile(int vectors)
{
    /// <summary>Where the fields of ByteTileArguments are.</summary>
    private const int A = 0, ARowStride = 8, B = 16, Quads = 32, C = 40, CStride = 48, Starts = 56, Prefetch = 64, PrefetchStep = 80;

    private const int VectorBytes = 64, StepQuads = 16;

    private static readonly AssemblerRegisterTMM[] Sums = [tmm0, tmm1, tmm2, tmm3];

    internal Assembler Assemble()
    {
        Assembler c = new(64);
        c.mov(rax, __qword_ptr[rdi + A]);
        c.mov(rsi, __qword_ptr[rdi + ARowStride]);
        c.mov(r8, __qword_ptr[rdi + B]);
        c.mov(r9d, vectors * VectorBytes);

        // Rows without a distance: each is the same start.
        c.mov(rdx, __qword_ptr[rdi + Starts]);
        c.xor(ecx, ecx);
        for (var v = 0; v < vectors; v++)
            c.tileloadd(Sums[v], __[rdx + rcx + (v * VectorBytes)]);

        c.mov(r10, __qword_ptr[rdi + PrefetchStep]);
        c.mov(r11, __qword_ptr[rdi + Prefetch]);
        c.mov(rcx, __qword_ptr[rdi + Quads]);
        c.sub(rcx, StepQuads);
        Label rest = c.CreateLabel(), loop = c.CreateLabel(), products = c.CreateLabel();
        c.jl(rest);
        c.Label(ref loop);
        c.test(r10, r10);
        c.je(products);
        for (var i = 0; i < StepQuads; i++)
        {
            c.prefetcht1(__byte_ptr[r11]);
            c.add(r11, r10);
        }

        c.Label(ref products);
        Step(c, tmm4, tmm5);
        c.add(rax, StepQuads * 4);
        c.add(r8, StepQuads * vectors * VectorBytes);
        c.sub(rcx, StepQuads);
        c.jge(loop);

        c.Label(ref rest);
        var end = c.CreateLabel();
        c.cmp(rcx, -StepQuads);
        c.je(end);
        Step(c, tmm6, tmm7);

        c.Label(ref end);
        c.mov(r10, __qword_ptr[rdi + C]);
        c.mov(r11, __qword_ptr[rdi + CStride]);
        c.shl(r11, 2);
        for (var v = 0; v < vectors; v++)
            c.tilestored(__[r10 + r11 + (v * VectorBytes)], Sums[v]);
        c.ret();
        return c;
    }

    private void Step(Assembler c, AssemblerRegisterTMM row, AssemblerRegisterTMM columns)
    {
        c.tileloadd(row, __[rax + rsi]);
        for (var v = 0; v < vectors; v++)
        {
            c.tileloadd(columns, __[r8 + r9 + (v * VectorBytes)]);
            c.tdpbusd(Sums[v], row, columns);
        }
    }

    /// <summary>Configures the registers from the 64 bytes at the first argument.</summary>
    internal static Assembler Configure()
    {
        Assembler c = new(64);
        c.ldtilecfg(__zmmword_ptr[rdi]);
        c.ret();
        return c;
    }

    /// <summary>Gives the registers up, so that the system need not save them any more.</summary>
    internal static Assembler Release()
    {
        Assembler c = new(64);
        c.tilerelease();
        c.ret();
        return c;
    }

    /// <summary>
    /// Asks Linux to let this process use tile registers: arch_prctl(ARCH_REQ_XCOMP_PERM, XTILEDATA). Returns 0 if it does.
    /// </summary>
    internal static Assembler Request()
    {
        const int ArchitectureControl = 158, RequestPermission = 0x1023, TileData = 18;
        Assembler c = new(64);
        c.mov(edi, RequestPermission);
        c.mov(esi, TileData);
        c.mov(eax, ArchitectureControl);
        c.syscall();
        c.ret();
        return c;
    }
}
