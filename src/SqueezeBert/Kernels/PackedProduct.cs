using System.Runtime.CompilerServices;
using SqueezeBert.Models;

namespace SqueezeBert.Kernels;

/// <summary>The vector form of <see cref="MatrixMultiply.Packed(float*, nint, PackedMatrix, int, int, float*, nint, int, float*, Activation, float*, nint)"/>.</summary>
internal static unsafe class PackedProduct
{
    // Rows of a that are used panel after panel should stay in the second-level cache meanwhile.
    private const int RowBlockFloats = 64 * 1024;
    private const int BufferRows = 24;
    private const int BufferWidth = 64;

    public static void Run(
        InstructionSet set, float* a, nint aStride, PackedMatrix b, int firstPanel, int panelCount, float* c, nint cStride, int rows, float* bias, Activation activation, float* residual, nint residualStride)
    {
        // The widest panel has the lowest tiles.
        TileRows blocks = new(rows, Tiles.MaximumHeight(set, b.PanelVectors(0) * PackedMatrix.Lanes), Math.Max(BufferRows, RowBlockFloats / b.Rows));
        for (int block = 0; block < blocks.BlockCount; block++)
        {
            (int row, int count) = blocks.Block(block);
            for (int panel = firstPanel; panel < firstPanel + panelCount; panel++)
            {
                (int column, int columns) = b.ColumnRange(panel);
                int width = b.PanelVectors(panel) * PackedMatrix.Lanes;
                TileArguments t = new()
                {
                    A = a + (row * aStride),
                    ARowStride = aStride,
                    AStep = 1,
                    B = b.Panel(panel),
                    BStep = width,
                    K = b.Rows,
                    C = c + (row * cStride) + column,
                    CStride = cStride,
                    Bias = bias is null ? null : bias + column,
                    Residual = residual is null ? null : residual + (row * residualStride) + column,
                    ResidualStride = residualStride,
                };
                if (activation == Activation.None && columns == width)
                    Tiles.Run(set, &t, width, count);
                else
                    ThroughBuffer(set, t, width, columns, count, activation);
            }
        }
    }

    /// <summary>Computes sums into a buffer that stays in the first-level cache, and the rest from there.</summary>
    [SkipLocalsInit]
    private static void ThroughBuffer(InstructionSet set, TileArguments t, int width, int columns, int rows, Activation activation)
    {
        float* buffer = stackalloc float[(BufferRows * BufferWidth) + PackedMatrix.Lanes];
        buffer = (float*)(((nint)buffer + 63) & ~63);
        TileArguments sums = t;
        sums.C = buffer;
        sums.CStride = width;
        sums.Bias = null;
        sums.Residual = null;

        TileRows blocks = new(rows, Tiles.MaximumHeight(set, width), BufferRows);
        for (int block = 0; block < blocks.BlockCount; block++)
        {
            (int row, int count) = blocks.Block(block);
            sums.A = t.A + (row * t.ARowStride);
            Tiles.Run(set, &sums, width, count);
            float* residual = t.Residual is null ? null : t.Residual + (row * t.ResidualStride);
            Epilogue.Run(set, activation, buffer, width, t.C + (row * t.CStride), t.CStride, count, columns, t.Bias, residual, t.ResidualStride);
        }
    }
}
