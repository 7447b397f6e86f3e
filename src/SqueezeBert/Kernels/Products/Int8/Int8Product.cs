using System.Runtime.CompilerServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.Products.Int8.MachineCode;
using SqueezeBert.Kernels.Products.Int8.Microkernels;
using SqueezeBert.Kernels.Products.Microkernels;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.Products.Int8;

/// <summary>
/// Products with <see cref="Int8Matrix"/>: c = activation(float(Σₖ a·b)·(scale of the row · scale of the column) + bias) + residual. The
/// sum is an exact integer. Tiles that do not complete results themselves write their sums to a buffer in the first-level cache, where
/// <see cref="Int8Epilogue"/> processes them.
/// </summary>
internal static unsafe class Int8Product
{
    private const int MaxTileSums = ByteTiles.HighestTile * PanelLayout.MaxWidth;

    private const int LeastAmxRows = 4;

    // Rows that are used panel after panel should stay in the second-level cache meanwhile.
    private const int RowBlockBytes = 384 * 1024;

    /// <param name="set">The instruction set of the operations around the products.</param>
    /// <param name="form">The implementation of multiplying bytes.</param>
    /// <param name="a">[rows, k] in the input format of b.</param>
    /// <param name="b">[k, n] in the layout of the implementation.</param>
    /// <param name="firstPanel">The first panel of b to use.</param>
    /// <param name="panelCount">The number of panels of b to use.</param>
    /// <param name="c">The whole result [rows, n]. It may be the residual.</param>
    /// <param name="epilogue">The epilogue. Its bias and residual are those of the whole result.</param>
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

        // A register of AMX has 16 rows; what fewer rows take with VNNI is less.
        if (form == Int8Form.Amx && a.Count < LeastAmxRows)
            form = Int8Form.Avx512Vnni;
        var isAmx = form == Int8Form.Amx;
        var fixedHeight = isAmx ? Math.Min(a.Count, AmxTiles.Height) : 0;
        if (isAmx)
            AmxTiles.Configure(fixedHeight, b.PaddedRows / Int8Rows.Quad);

        var buffer = stackalloc int[MaxTileSums + PanelLayout.Lanes];
        buffer = (int*)(((nint)buffer + 63) & ~63);

        // The widest panel has the lowest tiles.
        TileRows blocks = new(a.Count, ByteTiles.MaximumHeight(form, b.PanelWidth(0)), RowBlockBytes / b.ColumnBytes);
        for (var block = 0; block < blocks.BlockCount; block++)
        {
            (var row, var rows) = blocks.Block(block);
            for (var panel = firstPanel; panel < firstPanel + panelCount; panel++)
            {
                (var column, var columns) = b.ColumnRange(panel);
                ByteTileArguments t = new()
                {
                    ARowStride = a.Stride,
                    B = b.Panel(panel),
                    Quads = b.PaddedRows / Int8Rows.Quad,
                    C = buffer,
                    CStride = b.PanelWidth(panel),
                    Starts = b.Starts + column,
                };
                if (panel + 1 < firstPanel + panelCount)
                    SetPrefetch(&t, b.Panel(panel + 1), (nint)b.PanelWidth(panel + 1) * b.ColumnBytes);
                else if (block + 1 < blocks.BlockCount)
                    SetPrefetch(&t, b.Panel(firstPanel), (nint)b.PanelWidth(firstPanel) * b.ColumnBytes);
                else if (b.Next is { } next)
                    SetPrefetch(&t, next.Start, next.StartByteCount);
                RunPanel(
                    set, form, &t, a.TakeRows(row, rows), row + fixedHeight - a.Count, b, panel,
                    c.TakeRows(row, rows).TakeColumns(column, columns),
                    new Epilogue
                    {
                        Bias = epilogue.Bias is null ? null : epilogue.Bias + column,
                        Activation = epilogue.Activation,
                        Residual = epilogue.Residual.TakeRows(row, rows).TakeColumns(column, columns),
                    });
            }
        }

        if (isAmx)
            AmxTiles.Release();

        // The panels are used by address; a matrix that nobody holds any more must not be freed meanwhile.
        GC.KeepAlive(b);
    }

    /// <summary>
    /// Runs one tile after another, each with its epilogue. The results of a tile are written to memory while the next tile is computed.
    /// A tile of fixed height at the first row would go <c>beyond</c> rows further than the last row there is, or less far where that is
    /// negative. Such a tile begins with as many rows that are done already, and their sums are left.
    /// </summary>
    private static void RunPanel(
        InstructionSet set, Int8Form form, ByteTileArguments* t, EncodedRows a, int beyond, Int8Matrix b, int panel, Matrix c,
        in Epilogue epilogue)
    {
        var width = b.PanelWidth(panel);
        var height = ByteTiles.MaximumHeight(form, width);
        TileRows tiles = new(a.Count, height, height);
        t->SpreadPrefetch(tiles.TileCount);
        t->Scales = b.Scales + b.ColumnRange(panel).First;
        var canFinish = c.Columns == width && ByteTiles.CanFinish(form);
        for (var tile = 0; tile < tiles.TileCount; tile++)
        {
            (var row, var rows) = tiles.Block(tile);
            Matrix target = c.TakeRows(row, rows), residual = epilogue.Residual.TakeRows(row, rows);
            Prefetch.Near(target);
            if (residual.Data != target.Data)
                Prefetch.Near(residual);
            var done = form == Int8Form.Amx ? Math.Max(0, beyond + row) : 0;
            t->A = a.Row(row - done);
            if (canFinish)
                RunFinished(set, form, t, target, epilogue.Bias, epilogue.Activation, residual);
            else
                RunSums(set, form, t, done, b.ColumnBytes, target, epilogue.Bias, epilogue.Activation, residual);
            t->Prefetch += t->Quads * t->PrefetchStep;
        }
    }

    /// <summary>The tile does everything except activations that take more than a few instructions.</summary>
    private static void RunFinished(
        InstructionSet set, Int8Form form, ByteTileArguments* t, Matrix target, float* bias, Activation activation, Matrix residual)
    {
        var isSimple = activation is Activation.None or Activation.Relu;
        t->Result = isSimple ? target.Data : (float*)t->C;
        t->ResultStride = isSimple ? target.Stride : t->CStride;
        t->Bias = bias;
        t->IsRelu = activation == Activation.Relu ? 1 : 0;
        t->Residual = isSimple ? residual.Data : null;
        t->ResidualStride = residual.Stride;
        ByteTiles.Run(form, t, (int)t->CStride, target.Rows);
        if (!isSimple)
        {
            EpilogueRows.Run(
                set, t->Result, (int)t->CStride, target, new Epilogue { Activation = activation, Residual = residual });
        }
    }

    /// <summary>The tile writes its sums. The rest is done with them in the first-level cache.</summary>
    private static void RunSums(
        InstructionSet set, Int8Form form, ByteTileArguments* t, int done, int scalePlace, Matrix target, float* bias,
        Activation activation, Matrix residual)
    {
        ByteTiles.Run(form, t, (int)t->CStride, target.Rows);
        Int8Epilogue.Run(
            set, t->C + (done * t->CStride), (int)t->CStride, (float*)(t->A + (done * t->ARowStride) + scalePlace), t->ARowStride,
            t->Scales, target,
            new Epilogue { Bias = bias, Activation = activation, Residual = residual });
    }

    private static void SetPrefetch(ByteTileArguments* t, byte* start, nint byteCount)
    {
        t->Prefetch = start;
        t->PrefetchBytes = byteCount;
    }
}
