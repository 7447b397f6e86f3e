using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using SqueezeBert.Kernels.Products.Int8.MachineCode;

namespace SqueezeBert.Kernels.Products.Int8;

/// <summary>Determines which implementations of int8 products this processor supports, and which one is used.</summary>
internal static class Int8Forms
{
    /// <summary>
    /// The implementations, fastest first. The first one is used that this processor supports and that needs no more than the selected
    /// instruction set. A new implementation needs a row here and a line in <see cref="Microkernels.ByteTiles"/>.
    /// </summary>
    private static readonly (Int8Form Form, InstructionSet Set, bool IsAvailable)[] Table =
    [
        (Int8Form.Amx, InstructionSet.Avx512Tiles, AmxTiles.IsAvailable),
        (Int8Form.Avx512Vnni, InstructionSet.Avx512Tiles, VnniTiles.IsAvailable),

        // 256 bits with one instruction for four products beat 512 bits with four.
        (Int8Form.AvxVnni, InstructionSet.Avx2, AvxVnni.IsSupported && Avx2.IsSupported && Fma.IsSupported),
        (Int8Form.Avx512, InstructionSet.Avx512,
            Avx512BW.IsSupported && InstructionSets.IsAvailable(InstructionSet.Avx512)),
        (Int8Form.Avx2, InstructionSet.Avx2, Avx2.IsSupported && Fma.IsSupported),
        (Int8Form.ArmDot, InstructionSet.Vector128, Dp.IsSupported),
        (Int8Form.Vector128, InstructionSet.Vector128, Vector128.IsHardwareAccelerated),
        (Int8Form.Scalar, InstructionSet.Scalar, true),
    ];

    /// <summary>The implementations that this processor supports.</summary>
    public static IReadOnlyList<Int8Form> Available => [.. Table.Where(row => row.IsAvailable).Select(row => row.Form)];

    /// <summary>The implementation that products use.</summary>
    public static Int8Form Selected { get; } = For(InstructionSets.Selected);

    /// <summary>Returns the layout that an implementation needs.</summary>
    public static Int8Layout LayoutOf(Int8Form form) => form is Int8Form.Avx2 or Int8Form.Avx512 ? Int8Layout.Words : Int8Layout.Bytes;

    /// <summary>Returns the implementation for an instruction set.</summary>
    public static Int8Form For(InstructionSet set) => Table.First(row => row.IsAvailable && row.Set <= set).Form;
}
