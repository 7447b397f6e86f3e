using System.Runtime.CompilerServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.Products.Microkernels;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Kernels.Products;

/// <summary>
/// The vector form of <see cref="MatrixMultiply.AddTransposed(Matrix, Matrix, Matrix, float*)"/>. Only a part of each row of a and b is
/// read, a pattern that the processor does not predict. Therefore the rows of the next block are prefetched while a block is computed.
/// </summary>
internal static unsafe class TransposedProduct
{
    /// <summary>
    /// The number of rows of c that are computed with one copy of a panel of b. With fewer rows, the copy costs more of the product's time.
    /// </summary>
    public const int CopiedRows = 192;

    /// <summary>
    /// The number of terms between loading c and storing it: few enough that a panel of b stays in the first-level cache.
    /// </summary>
    private const int TermBlock = 128;

    /// <summary>
    /// The number of elements of c from which copies of a and b pay. The narrow tiles of smaller instruction sets read a and b so often
    /// that they always do.
    /// </summary>
    private const int CopiedElements = 8192;

    /// <summary>The number of rows of c between two prefetches, a multiple of the tile heights 6, 8 and 12.</summary>
    private const int RowBlock = 24;

    [SkipLocalsInit]
    public static void Run(InstructionSet set, Matrix left, Matrix right, Matrix c, float* sums)
    {
        float* a = left.Data, b = right.Data;
        nint aStride = left.Stride, bStride = right.Stride;
        int terms = left.Rows, rows = c.Rows, columns = c.Columns;

        // The usual widths put all rows into a few sets of the first-level cache, so a and b are read from copies.
        var isCopying = set < InstructionSet.Avx512Tiles || (long)rows * columns >= CopiedElements;
        var panelCopy = stackalloc float[(TermBlock * (CopiedRows + PanelLayout.MaxWidth)) + PanelLayout.Lanes];
        panelCopy = (float*)(((nint)panelCopy + 63) & ~63);
        var rowCopy = panelCopy + (TermBlock * PanelLayout.MaxWidth);
        PanelLayout layout = new(columns);
        var pieces = layout.Count * ((rows + RowBlock - 1) / RowBlock);
        for (var term = 0; term < terms; term += TermBlock)
        {
            var k = Math.Min(TermBlock, terms - term);
            if (sums is not null)
                Elementwise.AddColumnSums(set, new(a, aStride, k, rows), sums);

            var rest = Math.Min(TermBlock, terms - term - k);
            Requests next = new(new(a + (k * aStride), aStride, rest, rows), new(b + (k * bStride), bStride, rest, columns), pieces);
            for (var row = 0; row < rows; row += CopiedRows)
            {
                var height = Math.Min(CopiedRows, rows - row);
                TileArguments t = new() { A = a + row, ARowStride = 1, AStep = aStride, K = k, CStride = c.Stride, Accumulate = true };
                if (isCopying)
                {
                    Packing.PackPanel(t.A, aStride, 1, k, height, rowCopy, height);
                    t.A = rowCopy;
                    t.AStep = height;
                }

                for (var panel = 0; panel < layout.Count; panel++)
                {
                    int width = layout.Width(panel), column = layout.FirstColumn(panel), count = layout.Columns(panel);
                    t.B = b + column;
                    t.BStep = bStride;
                    t.C = c.Row(row) + column;
                    if (isCopying || count < width)
                    {
                        Packing.PackPanel(t.B, bStride, 1, k, count, panelCopy, width);
                        t.B = panelCopy;
                        t.BStep = width;
                    }

                    Panel(set, t, width, count, height, &next);
                }
            }

            a += k * aStride;
            b += k * bStride;
        }
    }

    private static void Panel(InstructionSet set, TileArguments t, int width, int columns, int rows, Requests* next)
    {
        for (var row = 0; row < rows; row += RowBlock)
        {
            var height = Math.Min(RowBlock, rows - row);
            next->Continue();
            if (columns == width)
                Tiles.Run(set, &t, width, height);
            else
                BufferedTiles.Run(set, t, width, columns, height, Activation.None);
            t.A += height;
            t.C += height * t.CStride;
        }
    }

    /// <summary>The rows of a and b that are needed next, prefetched in equal shares.</summary>
    private struct Requests(Matrix a, Matrix b, int shares)
    {
        private readonly int _share = (a.Rows + shares - 1) / shares;
        private int _done;

        public void Continue()
        {
            var count = Math.Min(_share, a.Rows - _done);
            Prefetch.Rows(a.TakeRows(_done, count));
            Prefetch.Rows(b.TakeRows(_done, count));
            _done += count;
        }
    }
}
