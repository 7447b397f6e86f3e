using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace SqueezeBert.Generate.MachineCode;

/// <summary>
/// The microkernel of products of bytes with 512-bit VNNI: the sums of a tile in registers, as a routine of the System V calling
/// convention that takes a ByteTileArguments. It writes the sums or, where there is a place for it, the result: scaled, with bias, ReLU and
/// residual. It touches no register that the convention makes it save, and calls nothing.
/// </summary>
/// <param name="vectors">Vectors of 16 columns, 1 to 4.</param>
/// <param name="rows">Rows; with the vectors at most 24 sums.</param>
internal sealed class VnniTile(int vectors, int rows)
{
    /// <summary>Where the fields of ByteTileArguments are.</summary>
    private const int A = 0, ARowStride = 8, B = 16, Quads = 32, C = 40, CStride = 48, Starts = 56, Prefetch = 64, PrefetchStep = 80,
        Result = 88, ResultStride = 96, Scales = 104, Bias = 112, IsRelu = 120, Residual = 128, ResidualStride = 136;

    private readonly TileRegisters _registers = new(vectors, rows);

    internal Assembler Assemble()
    {
        Assembler c = new(64);
        c.mov(rax, __qword_ptr[rdi + A]);
        c.mov(rsi, __qword_ptr[rdi + ARowStride]);
        _registers.FindRows(c);
        c.mov(r8, __qword_ptr[rdi + B]);
        c.mov(rcx, __qword_ptr[rdi + Quads]);
        StartSums(c);
        c.mov(r11, __qword_ptr[rdi + Prefetch]);

        var loop = c.CreateLabel();
        c.Label(ref loop);
        c.prefetcht1(__byte_ptr[r11]);
        c.add(r11, __qword_ptr[rdi + PrefetchStep]);
        for (var v = 0; v < vectors; v++)
            c.vmovdqu32(TileRegisters.Weight(v), __zmmword_ptr[r8 + TileRegisters.Offset(v)]);
        for (var row = 0; row < rows; row++)
        {
            var x = TileRegisters.Free(row % 4);
            c.vpbroadcastd(x, TileRegisters.Row(row));
            for (var v = 0; v < vectors; v++)
                c.vpdpbusd(_registers.Sum(row, v), x, TileRegisters.Weight(v));
        }

        foreach (var pointer in _registers.Pointers)
            c.add(pointer, 4);
        c.add(r8, TileRegisters.Offset(vectors));
        c.dec(rcx);
        c.jne(loop);

        var sums = c.CreateLabel();
        c.mov(r11, __qword_ptr[rdi + Result]);
        c.test(r11, r11);
        c.je(sums);
        Finish(c);
        c.vzeroupper();
        c.ret();

        c.Label(ref sums);
        c.mov(r11, __qword_ptr[rdi + C]);
        c.mov(rcx, __qword_ptr[rdi + CStride]);
        Store(c);
        c.vzeroupper();
        c.ret();
        return c;
    }

    private void StartSums(Assembler c)
    {
        c.mov(r11, __qword_ptr[rdi + Starts]);
        for (var v = 0; v < vectors; v++)
            c.vmovdqu32(_registers.Sum(0, v), __zmmword_ptr[r11 + TileRegisters.Offset(v)]);
        for (var row = 1; row < rows; row++)
        {
            for (var v = 0; v < vectors; v++)
                c.vmovdqa32(_registers.Sum(row, v), _registers.Sum(0, v));
        }
    }

    /// <summary>Makes numbers of the sums and writes them to r11.</summary>
    private void Finish(Assembler c)
    {
        // Behind the last element of a row, where its pointer is now, stands its scale.
        c.mov(rcx, __qword_ptr[rdi + Scales]);
        for (var v = 0; v < vectors; v++)
            c.vmovups(TileRegisters.Weight(v), __zmmword_ptr[rcx + TileRegisters.Offset(v)]);
        for (var row = 0; row < rows; row++)
        {
            c.vbroadcastss(TileRegisters.Free(0), TileRegisters.Row(row));
            for (var v = 0; v < vectors; v++)
            {
                var scale = TileRegisters.Free(1 + (v % 3));
                c.vmulps(scale, TileRegisters.Free(0), TileRegisters.Weight(v));
                c.vcvtdq2ps(_registers.Sum(row, v), _registers.Sum(row, v));
                c.vmulps(_registers.Sum(row, v), _registers.Sum(row, v), scale);
            }
        }

        When(c, Bias, () =>
        {
            for (var row = 0; row < rows; row++)
            {
                for (var v = 0; v < vectors; v++)
                    c.vaddps(_registers.Sum(row, v), _registers.Sum(row, v), __zmmword_ptr[rcx + TileRegisters.Offset(v)]);
            }
        });

        // As vmaxps with the number second: NaN stays. The sum makes the zero of a negative number positive.
        When(c, IsRelu, () =>
        {
            var zero = TileRegisters.Free(0);
            c.vpxord(zero, zero, zero);
            for (var row = 0; row < rows; row++)
            {
                for (var v = 0; v < vectors; v++)
                {
                    c.vmaxps(_registers.Sum(row, v), zero, _registers.Sum(row, v));
                    c.vaddps(_registers.Sum(row, v), _registers.Sum(row, v), zero);
                }
            }
        });
        When(c, Residual, () =>
        {
            c.mov(r8, __qword_ptr[rdi + ResidualStride]);
            c.shl(r8, 2);
            for (var row = 0; row < rows; row++)
            {
                if (row > 0)
                    c.add(rcx, r8);
                for (var v = 0; v < vectors; v++)
                    c.vaddps(_registers.Sum(row, v), _registers.Sum(row, v), __zmmword_ptr[rcx + TileRegisters.Offset(v)]);
            }
        });
        c.mov(rcx, __qword_ptr[rdi + ResultStride]);
        Store(c);
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

    /// <summary>Writes all registers of sums to r11, rows of four times rcx bytes.</summary>
    private void Store(Assembler c)
    {
        c.shl(rcx, 2);
        for (var row = 0; row < rows; row++)
        {
            if (row > 0)
                c.add(r11, rcx);
            for (var v = 0; v < vectors; v++)
                c.vmovdqu32(__zmmword_ptr[r11 + TileRegisters.Offset(v)], _registers.Sum(row, v));
        }
    }
}
