using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.Products.Microkernels;

namespace SqueezeBert.Kernels.Products;

/// <summary>
/// The vector form of <see cref="MatrixMultiply.Packed(Matrix, PackedMatrix, int, int, Matrix, in Epilogue)"/>. Long sums are divided into
/// pieces, each of which continues from the value that the previous one left in c. The chain is the same, but a piece of a panel and of the
/// rows that are multiplied by it stays in the cache.
/// </summary>
internal static unsafe class PanelProduct
{
    /// <summary>
    /// The largest number of terms of a sum that are computed in one piece. Longer sums are divided, unless c is the residual, which
    /// partial sums would overwrite.
    /// </summary>
    public const int MaxTerms = 1024;

    // Rows of a that are used panel after panel should stay in the second-level cache meanwhile.
    private const int RowBlockFloats = 64 * 1024;

    public static void Run(InstructionSet set, Matrix a, PackedMatrix b, int firstPanel, int panelCount, Matrix c, in Epilogue epilogue)
    {
        var pieces = c.Data == epilogue.Residual.Data ? 1 : (b.Rows + MaxTerms - 1) / MaxTerms;
        var terms = (b.Rows + pieces - 1) / pieces;

        // The widest panel has the lowest tiles.
        TileRows blocks = new(a.Rows, Tiles.MaximumHeight(set, b.PanelVectors(0) * PackedMatrix.Lanes),
            Math.Max(BufferedTiles.Rows, RowBlockFloats / terms));
        for (var block = 0; block < blocks.BlockCount; block++)
        {
            (var row, var count) = blocks.Block(block);
            for (var start = 0; start < b.Rows; start += terms)
            {
                var isLast = start + terms >= b.Rows;
                for (var panel = firstPanel; panel < firstPanel + panelCount; panel++)
                {
                    (var column, var columns) = b.ColumnRange(panel);
                    var width = b.PanelVectors(panel) * PackedMatrix.Lanes;
                    TileArguments t = new()
                    {
                        A = a.Row(row) + start,
                        ARowStride = a.Stride,
                        AStep = 1,
                        B = b.Panel(panel) + ((nint)start * width),
                        BStep = width,
                        K = Math.Min(terms, b.Rows - start),
                        C = c.Row(row) + column,
                        CStride = c.Stride,
                        Accumulate = start > 0,
                        Bias = epilogue.Bias is null || !isLast ? null : epilogue.Bias + column,
                        Residual = epilogue.Residual.IsNone || !isLast ? null : epilogue.Residual.Row(row) + column,
                        ResidualStride = epilogue.Residual.Stride,
                    };
                    var last = isLast ? epilogue.Activation : Activation.None;
                    if (panel + 1 < firstPanel + panelCount)
                        SetPrefetch(&t, b, panel + 1, start, terms);
                    else if (!isLast)
                        SetPrefetch(&t, b, firstPanel, start + terms, terms);
                    else if (block + 1 < blocks.BlockCount)
                        SetPrefetch(&t, b, firstPanel, 0, terms);
                    else if (b.Next is { } next)
                    {
                        t.Prefetch = next.Start;
                        t.PrefetchBytes = next.StartByteCount;
                    }

                    if (last == Activation.None && columns == width)
                        Tiles.Run(set, &t, width, count);
                    else
                        BufferedTiles.Run(set, t, width, columns, count, last);
                }
            }
        }
    }

    private static void SetPrefetch(TileArguments* t, PackedMatrix b, int panel, int start, int terms)
    {
        nint width = b.PanelVectors(panel) * PackedMatrix.Lanes;
        t->Prefetch = (byte*)(b.Panel(panel) + (start * width));
        t->PrefetchBytes = Math.Min(terms, b.Rows - start) * width * sizeof(float);
    }
}
