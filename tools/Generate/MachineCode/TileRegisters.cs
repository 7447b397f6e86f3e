using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace SqueezeBert.Generate.MachineCode;

/// <summary>Which registers of a tile hold what: up to 24 sums, four vectors of weights and four for what is used at once.</summary>
/// <param name="vectors">Vectors of 16 columns, 1 to 4.</param>
/// <param name="rows">Rows; with the vectors at most 24 sums.</param>
internal sealed class TileRegisters(int vectors, int rows)
{
    private const int VectorBytes = 64, FirstWeight = 24, FirstFree = 28;

    private static readonly AssemblerRegisterZMM[] Zmm =
    [
        zmm0, zmm1, zmm2, zmm3, zmm4, zmm5, zmm6, zmm7, zmm8, zmm9, zmm10, zmm11, zmm12, zmm13, zmm14, zmm15,
        zmm16, zmm17, zmm18, zmm19, zmm20, zmm21, zmm22, zmm23, zmm24, zmm25, zmm26, zmm27, zmm28, zmm29, zmm30, zmm31,
    ];

    /// <summary>Rows 0, 4 and 8 have a pointer each; the rows between them are found by the stride, and by three times it.</summary>
    private static readonly AssemblerRegister64[] RowPointers = [rax, r9, r10];

    /// <summary>The pointers that this many rows need.</summary>
    internal IEnumerable<AssemblerRegister64> Pointers => RowPointers.Take((rows + 3) / 4);

    internal static int Offset(int vector) => vector * VectorBytes;

    internal static AssemblerRegisterZMM Weight(int vector) => Zmm[FirstWeight + vector];

    internal static AssemblerRegisterZMM Free(int index) => Zmm[FirstFree + index];

    internal AssemblerRegisterZMM Sum(int row, int vector) => Zmm[(row * vectors) + vector];

    /// <summary>From the first row in rax and the stride in rsi.</summary>
    internal void FindRows(Assembler c)
    {
        c.lea(rdx, __[rsi + (rsi * 2)]);
        foreach (var (pointer, before) in Pointers.Skip(1).Zip(Pointers))
            c.lea(pointer, __[before + (rsi * 4)]);
    }

    /// <summary>The current element of a row of a.</summary>
    internal static AssemblerMemoryOperand Row(int row)
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
}
