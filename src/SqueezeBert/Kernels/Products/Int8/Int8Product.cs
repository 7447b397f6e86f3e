using System.Runtime.CompilerServices;
using SqueezeBert.Kernels.Products.Int8.Microkernels;
using SqueezeBert.Kernels.Products.Microkernels;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.Products.Int8;

/// <summary>
/// Products with <see cref="Int8Matrix"/>: c = activation(float(Σₖ a·b)·(scale of the row · scale of the column) + bias) + residual, the
/// sum an exact integer. Tiles write their sums to a buffer in the first-level cache, from which <see cref="Int8Epilogue"/> takes them.
/// </summary>
internal static unsafe class Int8Product
{
    // Rows that are computed before the rest is done with them.
    private const int BufferRows = 24;

    // Rows that are used panel after panel should stay in the second-level cache meanwhile.
    private const int RowBlockBytes = 384 * 1024;

    /// <param name="set">The instruction set of what surrounds the products.</param>
    /// <param name="form">How bytes are multiplied.</param>
    /// <param name="a">[rows, k] in <see cref="Int8Rows"/>.</param>
    /// <param name="b">[k, n].</param>
    /// <param name="firstPanel">The first panel of b to use.</param>
    /// <param name="panelCount">The number of panels of b to use.</param>
    /// <param name="c">The whole result [rows, n]; may be the residual.</param>
    /// <param name="epilogue">Bias and residual are those of the whole result.</param>
    [SkipLocalsInit]
    public static void Run(
        InstructionSet set, Int8Form form, EncodedRows a, Int8Matrix b, int firstPanel, int panelCount, Matrix c, in Epilogue epilogue)
    {
        if (form == Int8Form.Scalar)
        {
            ScalarInt8.Multiply(a, b, firstPanel, panelCount, c, epilogue);
            GC.KeepAlive(b);
            return;
        }

        var buffer = stackalloc int[(BufferRows * PanelLayout.MaxWidth) + PanelLayout.Lanes];
        buffer = (int*)(((nint)buffer + 63) & ~63);

        // The widest panel has the lowest tiles.
        var maximumHeight = ByteTiles.MaximumHeight(form, b.PanelWidth(0));
        TileRows rowBlocks = new(a.Count, maximumHeight, Math.Max(BufferRows, RowBlockBytes / b.PaddedRows));
        for (var block = 0; block < rowBlocks.BlockCount; block++)
        {
            (var blockRow, var blockRows) = rowBlocks.Block(block);
            for (var panel = firstPanel; panel < firstPanel + panelCount; panel++)
            {
                (var column, var columns) = b.ColumnRange(panel);
                var width = b.PanelWidth(panel);
                var isLast = panel + 1 == firstPanel + panelCount;
                ByteTileArguments t = new()
                {
                    ARowStride = a.Stride,
                    B = b.Panel(panel),
                    Quads = b.PaddedRows / Int8Rows.Quad,
                    C = buffer,
                    CStride = width,
                    Starts = b.Starts + column,
                };
                if (!isLast)
                    SetPrefetch(&t, b.Panel(panel + 1), (nint)b.PanelWidth(panel + 1) * b.PaddedRows);
                else if (block + 1 < rowBlocks.BlockCount)
                    SetPrefetch(&t, b.Panel(firstPanel), (nint)b.PanelWidth(firstPanel) * b.PaddedRows);
                else if (b.Next is { } next)
                    SetPrefetch(&t, next.Start, next.StartByteCount);
                var (prefetch, prefetchBytes) = ((nint)t.Prefetch, t.PrefetchBytes);
                TileRows pieces = new(blockRows, maximumHeight, BufferRows);
                for (var piece = 0; piece < pieces.BlockCount; piece++)
                {
                    (var row, var rows) = pieces.Block(piece);
                    t.Prefetch = prefetch == 0 ? null : (byte*)prefetch + (prefetchBytes * row / blockRows);
                    t.PrefetchBytes = prefetchBytes * rows / blockRows;
                    row += blockRow;
                    t.A = a.Row(row);
                    ByteTiles.Run(form, &t, width, rows);
                    Int8Epilogue.Run(
                        set, buffer, width, (float*)(a.Row(row) + b.PaddedRows), a.Stride, b.Scales + column,
                        c.TakeColumns(column, columns).TakeRows(row, rows),
                        new Epilogue
                        {
                            Bias = epilogue.Bias is null ? null : epilogue.Bias + column,
                            Activation = epilogue.Activation,
                            Residual = epilogue.Residual.TakeColumns(column, columns).TakeRows(row, rows),
                        });
                }
            }
        }

        // The panels are used by address; a matrix that nobody holds any more must not be freed meanwhile.
        GC.KeepAlive(b);
    }

    private static void SetPrefetch(ByteTileArguments* t, byte* start, nint byteCount)
    {
        t->Prefetch = start;
        t->PrefetchBytes = byteCount;
    }
}
