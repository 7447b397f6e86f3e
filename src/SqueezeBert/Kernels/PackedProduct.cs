using SqueezeBert.Models;

namespace SqueezeBert.Kernels;

/// <summary>The vector form of <see cref="MatrixMultiply.Packed(float*, nint, PackedMatrix, int, int, float*, nint, int, float*, Activation, float*, nint)"/>.</summary>
internal static unsafe class PackedProduct
{
    // Rows of a that are used panel after panel should stay in the second-level cache meanwhile.
    private const int RowBlockFloats = 64 * 1024;

    public static void Run(
        InstructionSet set, float* a, nint aStride, PackedMatrix b, int firstPanel, int panelCount, float* c, nint cStride, int rows, float* bias, Activation activation, float* residual, nint residualStride)
    {
        // The widest panel has the lowest tiles.
        TileRows blocks = new(rows, Tiles.MaximumHeight(set, b.PanelVectors(0) * PackedMatrix.Lanes), Math.Max(BufferedTiles.Rows, RowBlockFloats / b.Rows));
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
                SetPrefetch(&t, b, panel, firstPanel, panelCount, block + 1 < blocks.BlockCount);
                if (activation == Activation.None && columns == width)
                    Tiles.Run(set, &t, width, count);
                else
                    BufferedTiles.Run(set, t, width, columns, count, activation);
            }
        }
    }

    // The next panel; after the last one the first again if there are more rows, else what the caller said is used next.
    private static void SetPrefetch(TileArguments* t, PackedMatrix b, int panel, int firstPanel, int panelCount, bool isRepeated)
    {
        PackedMatrix? next = b;
        int nextPanel = panel + 1;
        if (nextPanel == firstPanel + panelCount)
        {
            nextPanel = isRepeated ? firstPanel : 0;
            if (!isRepeated) next = b.Next;
        }

        if (next is null) return;
        t->Prefetch = (byte*)next.Panel(nextPanel);
        t->PrefetchBytes = (nint)next.Rows * next.PanelVectors(nextPanel) * PackedMatrix.Lanes * sizeof(float);
    }
}
