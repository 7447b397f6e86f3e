using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace SqueezeBert.Generate.MachineCode;

/// <summary>
/// The microkernel of float32 products with 512-bit vectors, for programs whose compiler left those out: what TileSource writes in C#, as a
/// routine of the System V calling convention that takes TileArguments with strides and steps in bytes. It touches no register that the
/// convention makes it save, and calls nothing.
/// </summary>
/// <param name="vectors">Vectors of 16 columns, 1 to 4.</param>
/// <param name="rows">Rows; with the vectors at most 24 sums.</param>
internal sealed class FmaTile(int vectors, int rows)
{
    /// <summary>Where the fields of TileArguments are.</summary>
    private const int A = 0, ARowStride = 8, AStep = 16, B = 24, BStep = 32, K = 40, C = 48, CStride = 56, Accumulate = 64, Bias = 72,
        Residual = 80, ResidualStride = 88, Prefetch = 96, PrefetchStep = 112;

    private readonly TileRegisters _registers = new(vectors, rows);

    internal Assembler Assemble()
    {
        Assembler c = new(64);
        c.mov(rax, __qword_ptr[rdi + A]);
        c.mov(rsi, __qword_ptr[rdi + ARowStride]);
        _registers.FindRows(c);
        c.mov(r8, __qword_ptr[rdi + B]);
        StartSums(c);
        c.mov(r11, __qword_ptr[rdi + Prefetch]);

        Label loop = c.CreateLabel(), end = c.CreateLabel();
        c.mov(rcx, __qword_ptr[rdi + K]);
        c.test(rcx, rcx);
        c.jle(end);
        c.Label(ref loop);
        c.prefetcht1(__byte_ptr[r11]);
        c.add(r11, __qword_ptr[rdi + PrefetchStep]);
        for (var v = 0; v < vectors; v++)
            c.vmovups(TileRegisters.Weight(v), __zmmword_ptr[r8 + TileRegisters.Offset(v)]);
        for (var row = 0; row < rows; row++)
        {
            var x = TileRegisters.Free(row % 4);
            c.vbroadcastss(x, TileRegisters.Row(row));
            for (var v = 0; v < vectors; v++)
                c.vfmadd231ps(_registers.Sum(row, v), x, TileRegisters.Weight(v));
        }

        foreach (var pointer in _registers.Pointers)
            c.add(pointer, __qword_ptr[rdi + AStep]);
        c.add(r8, __qword_ptr[rdi + BStep]);
        c.dec(rcx);
        c.jne(loop);

        c.Label(ref end);
        Finish(c);
        c.mov(r11, __qword_ptr[rdi + C]);
        c.mov(rcx, __qword_ptr[rdi + CStride]);
        EachRow(c, r11, rcx, (sum, place) => c.vmovups(place, sum));
        c.vzeroupper();
        c.ret();
        return c;
    }

    /// <summary>From what is in c, or from zero.</summary>
    private void StartSums(Assembler c)
    {
        Label zero = c.CreateLabel(), end = c.CreateLabel();
        c.cmp(__byte_ptr[rdi + Accumulate], 0);
        c.je(zero);
        c.mov(r11, __qword_ptr[rdi + C]);
        c.mov(rcx, __qword_ptr[rdi + CStride]);
        EachRow(c, r11, rcx, (sum, place) => c.vmovups(sum, place));
        c.jmp(end);
        c.Label(ref zero);
        for (var row = 0; row < rows; row++)
        {
            for (var v = 0; v < vectors; v++)
                c.vpxord(_registers.Sum(row, v), _registers.Sum(row, v), _registers.Sum(row, v));
        }

        c.Label(ref end);
        c.nop();
    }

    private void Finish(Assembler c)
    {
        When(c, Bias, () =>
        {
            for (var v = 0; v < vectors; v++)
                c.vmovups(TileRegisters.Weight(v), __zmmword_ptr[rcx + TileRegisters.Offset(v)]);
            for (var row = 0; row < rows; row++)
            {
                for (var v = 0; v < vectors; v++)
                    c.vaddps(_registers.Sum(row, v), _registers.Sum(row, v), TileRegisters.Weight(v));
            }
        });
        When(c, Residual, () =>
        {
            c.mov(r8, __qword_ptr[rdi + ResidualStride]);
            EachRow(c, rcx, r8, (sum, place) => c.vaddps(sum, sum, place));
        });
    }

    /// <summary>Skips the content where the field is zero; elsewhere it is in rcx.</summary>
    private static void When(Assembler c, int field, Action content)
    {
        var end = c.CreateLabel();
        c.mov(rcx, __qword_ptr[rdi + field]);
        c.test(rcx, rcx);
        c.je(end);
        content();
        c.Label(ref end);
    }

    /// <summary>Each sum and its place in a matrix whose first element and stride, in bytes, are in registers.</summary>
    private void EachRow(
        Assembler c, AssemblerRegister64 first, AssemblerRegister64 stride, Action<AssemblerRegisterZMM, AssemblerMemoryOperand> content)
    {
        for (var row = 0; row < rows; row++)
        {
            if (row > 0)
                c.add(first, stride);
            for (var v = 0; v < vectors; v++)
                content(_registers.Sum(row, v), __zmmword_ptr[first + TileRegisters.Offset(v)]);
        }
    }
}
