using System.Runtime.CompilerServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.Products.Microkernels;

namespace SqueezeBert.Kernels.Products;

/// <summary>
/// The vector form of <see cref="MatrixMultiply.Strided(Matrix, Matrix, Matrix, bool)"/>.
/// </summary>
internal static unsafe class StridedProduct
{
    // Terms of a sum between a store of it and the next load: enough that this costs little, few enough that a block of b stays in the
    // first caches.
    private const int TermBlock = 256;

    // With fewer rows, copying b costs more than reading it where it is.
    private const int RowsToPack = 128;

    [SkipLocalsInit]
    public static void Run(InstructionSet set, Matrix a, Matrix b, Matrix c, bool accumulate)
    {
        int rows = c.Rows, k = b.Rows;
        if (rows == 0 || c.Columns == 0)
            return;
        if (k == 0)
        {
            for (var i = 0; i < rows && !accumulate; i++)
                new Span<float>(c.Row(i), c.Columns).Clear();
            return;
        }

        var buffer = stackalloc float[(TermBlock * PanelLayout.MaxWidth) + PanelLayout.Lanes];
        buffer = (float*)(((nint)buffer + 63) & ~63);
        PanelLayout layout = new(c.Columns);
        for (var start = 0; start < k; start += TermBlock)
        {
            var terms = Math.Min(TermBlock, k - start);
            for (var panel = 0; panel < layout.Count; panel++)
            {
                int width = layout.Width(panel), column = layout.FirstColumn(panel), count = layout.Columns(panel);
                TileArguments t = new()
                {
                    A = a.Data + start,
                    ARowStride = a.Stride,
                    AStep = 1,
                    B = b.Row(start) + column,
                    BStep = b.Stride,
                    K = terms,
                    C = c.Data + column,
                    CStride = c.Stride,
                    Accumulate = accumulate || start > 0,
                };
                if (count < width || rows > RowsToPack)
                {
                    Packing.PackPanel(t.B, b.Stride, 1, terms, count, buffer, width);
                    t.B = buffer;
                    t.BStep = width;
                }

                if (count == width)
                    Tiles.Run(set, &t, width, rows);
                else
                    BufferedTiles.Run(set, t, width, count, rows, Activation.None);
            }
        }
    }
}
