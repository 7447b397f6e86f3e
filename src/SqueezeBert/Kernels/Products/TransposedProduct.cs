using System.Runtime.CompilerServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.Products.Microkernels;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Kernels.Products;

/// <summary>
/// The vector form of <see cref="MatrixMultiply.AddTransposed(float*, nint, float*, nint, float*, nint, int, int, int, float*)"/>. A part
/// of each row of a and b is read, a pattern that the processor does not foresee, so the rows of the next block are asked for while one is
/// computed.
/// </summary>
internal static unsafe class TransposedProduct
{
    /// <summary>Terms between a load of c and the store of it.</summary>
    private const int TermBlock = 256;

    /// <summary>The same where a and b are copied first.</summary>
    private const int CopiedTerms = 128;

    /// <summary>Rows of c that are done with one copy of a.</summary>
    private const int CopiedRows = 128;

    /// <summary>Rows of c between two requests, a multiple of the tile heights 6, 8 and 12.</summary>
    private const int RowBlock = 24;

    [SkipLocalsInit]
    public static void Run(InstructionSet set, float* a, nint aStride, float* b, nint bStride, float* c, nint cStride, int terms, int rows,
        int columns, float* sums)
    {
        // Widths that are powers of two, the usual ones, put all rows into a few sets of the first-level cache. The narrow tiles of the
        // smaller instruction sets read a and b so often that a copy pays; the wide ones of AVX-512 are fed from the second-level cache.
        var isCopying = set != InstructionSet.Avx512;
        int termBlock = isCopying ? CopiedTerms : TermBlock, rowBlock = isCopying ? CopiedRows : rows;
        // Without a copy of a, the panel takes its place.
        var right = stackalloc float[(CopiedTerms * (CopiedRows + PanelLayout.MaxWidth)) + PanelLayout.Lanes];
        right = (float*)(((nint)right + 63) & ~63);
        var left = right + (CopiedTerms * PanelLayout.MaxWidth);
        PanelLayout layout = new(columns);
        var pieces = layout.Count * ((rows + RowBlock - 1) / RowBlock);
        for (var term = 0; term < terms; term += termBlock)
        {
            var k = Math.Min(termBlock, terms - term);
            if (sums is not null)
                Elementwise.AddColumnSums(set, a, aStride, k, rows, sums);

            Requests next = new(a + (k * aStride), aStride, rows, b + (k * bStride), bStride, columns,
                Math.Min(termBlock, terms - term - k), pieces);
            for (var row = 0; row < rows; row += rowBlock)
            {
                var height = Math.Min(rowBlock, rows - row);
                TileArguments t = new() { A = a + row, ARowStride = 1, AStep = aStride, K = k, CStride = cStride, Accumulate = true };
                if (isCopying)
                {
                    Packing.PackPanel(t.A, aStride, 1, k, height, left, height);
                    t.A = left;
                    t.AStep = height;
                }

                for (var panel = 0; panel < layout.Count; panel++)
                {
                    int width = layout.Width(panel), column = layout.FirstColumn(panel), count = layout.Columns(panel);
                    t.B = b + column;
                    t.BStep = bStride;
                    t.C = c + (row * cStride) + column;
                    if (isCopying || count < width)
                    {
                        Packing.PackPanel(t.B, bStride, 1, k, count, right, width);
                        t.B = right;
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

    /// <summary>Rows of a and b that are needed next, asked for in equal shares.</summary>
    private struct Requests(float* a, nint aStride, int aColumns, float* b, nint bStride, int bColumns, int rows, int shares)
    {
        private readonly int _share = (rows + shares - 1) / shares;
        private float* _a = a;
        private float* _b = b;
        private int _rows = rows;

        public void Continue()
        {
            var count = Math.Min(_share, _rows);
            Prefetch.Rows(_a, aStride, count, aColumns);
            Prefetch.Rows(_b, bStride, count, bColumns);
            _a += count * aStride;
            _b += count * bStride;
            _rows -= count;
        }
    }
}
