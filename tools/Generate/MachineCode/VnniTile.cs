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

    private const int VectorBytes = 64, FirstWeight = 24, FirstFree = 28;

    private static readonly AssemblerRegisterZMM[] Zmm =
    [
        zmm0, zmm1, zmm2, zmm3, zmm4, zmm5, zmm6, zmm7, zmm8, zmm9, zmm10, zmm11, zmm12, zmm13, zmm14, zmm15,
        zmm16, zmm17, zmm18, zmm19, zmm20, zmm21, zmm22, zmm23, zmm24, zmm25, zmm26, zmm27, zmm28, zmm29, zmm30, zmm31,
    ];

    /// <summary>Rows 0, 4 and 8 have a pointer each; the rows between them are found by the stride, and by three times it.</summary>
    private static readonly AssemblerRegister64[] RowPointers = [rax, r9, r10];

    internal Assembler Assemble()
    {
        Assembler c = new(64);
        c.mov(rax, __qword_ptr[rdi + A]);
        c.mov(rsi, __qword_ptr[rdi + ARowStride]);
        c.lea(rdx, __[rsi + (rsi * 2)]);
        for (var i = 1; i < PointerCount; i++)
            c.lea(RowPointers[i], __[RowPointers[i - 1] + (rsi * 4)]);
        c.mov(r8, __qword_ptr[rdi + B]);
        c.mov(rcx, __qword_ptr[rdi + Quads]);
        StartSums(c);
        c.mov(r11, __qword_ptr[rdi + Prefetch]);

        var loop = c.CreateLabel();
        c.Label(ref loop);
        c.prefetcht1(__byte_ptr[r11]);
        c.add(r11, __qword_ptr[rdi + PrefetchStep]);
        for (var v = 0; v < vectors; v++)
            c.vmovdqu32(Zmm[FirstWeight + v], __zmmword_ptr[r8 + (v * VectorBytes)]);
        for (var row = 0; row < rows; row++)
        {
            var x = Zmm[FirstFree + (row % 4)];
            c.vpbroadcastd(x, Row(row));
            for (var v = 0; v < vectors; v++)
                c.vpdpbusd(Sum(row, v), x, Zmm[FirstWeight + v]);
        }

        for (var i = 0; i < PointerCount; i++)
            c.add(RowPointers[i], 4);
        c.add(r8, vectors * VectorBytes);
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

    private int PointerCount => (rows + 3) / 4;

    private AssemblerRegisterZMM Sum(int row, int vector) => Zmm[(row * vectors) + vector];

    private static AssemblerMemoryOperand Row(int row)
    {
        var pointer = RowPointers[row / 4];
        return (row % 4) switch
        {
            0 => __dword_ptr[pointer],
            1 => __dword_ptr[pointer + rsi],
            2 => __dword_ptr[pointer + (rsi * 2)],
            _ => __dword_ptr[pointer + rdx],
        };
    }

    private void StartSums(Assembler c)
    {
        c.mov(r11, __qword_ptr[rdi + Starts]);
        for (var v = 0; v < vectors; v++)
            c.vmovdqu32(Sum(0, v), __zmmword_ptr[r11 + (v * VectorBytes)]);
        for (var row = 1; row < rows; row++)
        {
            for (var v = 0; v < vectors; v++)
                c.vmovdqa32(Sum(row, v), Sum(0, v));
        }
    }

    /// <summary>Makes numbers of the sums and writes them to r11.</summary>
    private void Finish(Assembler c)
    {
        // Behind the last element of a row, where its pointer is now, stands its scale.
        c.mov(rcx, __qword_ptr[rdi + Scales]);
        for (var v = 0; v < vectors; v++)
            c.vmovups(Zmm[FirstWeight + v], __zmmword_ptr[rcx + (v * VectorBytes)]);
        for (var row = 0; row < rows; row++)
        {
            c.vbroadcastss(Zmm[FirstFree], Row(row));
            for (var v = 0; v < vectors; v++)
            {
                var scale = Zmm[FirstFree + 1 + (v % 3)];
                c.vmulps(scale, Zmm[FirstFree], Zmm[FirstWeight + v]);
                c.vcvtdq2ps(Sum(row, v), Sum(row, v));
                c.vmulps(Sum(row, v), Sum(row, v), scale);
            }
        }

        When(c, Bias, () =>
        {
            for (var row = 0; row < rows; row++)
            {
                for (var v = 0; v < vectors; v++)
                    c.vaddps(Sum(row, v), Sum(row, v), __zmmword_ptr[rcx + (v * VectorBytes)]);
            }
        });

        // As vmaxps with the number second: NaN stays. The sum makes the zero of a negative number positive.
        When(c, IsRelu, () =>
        {
            var zero = Zmm[FirstFree];
            c.vpxord(zero, zero, zero);
            for (var row = 0; row < rows; row++)
            {
                for (var v = 0; v < vectors; v++)
                {
                    c.vmaxps(Sum(row, v), zero, Sum(row, v));
                    c.vaddps(Sum(row, v), Sum(row, v), zero);
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
                    c.vaddps(Sum(row, v), Sum(row, v), __zmmword_ptr[rcx + (v * VectorBytes)]);
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
                c.vmovdqu32(__zmmword_ptr[r11 + (v * VectorBytes)], Sum(row, v));
        }
    }
}
