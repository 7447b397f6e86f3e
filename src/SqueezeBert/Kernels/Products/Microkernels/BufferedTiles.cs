using System.Runtime.CompilerServices;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Kernels.Products.Microkernels;

/// <summary>
/// Tiles that write to a buffer in the first-level cache, for operations that they cannot do themselves: activations and padding columns.
/// </summary>
internal static unsafe class BufferedTiles
{
    /// <summary>The number of rows that are computed before the remaining operations are done with them.</summary>
    public const int Rows = 24;

    /// <param name="set">The instruction set.</param>
    /// <param name="t">
    /// The product. Columns of b beyond <paramref name="columns"/> must be readable. Those of c, bias and residual are not accessed.
    /// </param>
    /// <param name="width">Columns of the panel, a multiple of 16 up to 64.</param>
    /// <param name="columns">The number of columns of the panel without padding.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="activation">The activation, which is applied after the bias and before the residual.</param>
    [SkipLocalsInit]
    public static void Run(InstructionSet set, TileArguments t, int width, int columns, int rows, Activation activation)
    {
        var buffer = stackalloc float[(Rows * PanelLayout.MaxWidth) + PanelLayout.Lanes];
        buffer = (float*)(((nint)buffer + 63) & ~63);
        Matrix c = new(t.C, t.CStride, rows, columns), residual = new(t.Residual, t.ResidualStride, rows, columns);
        var sums = t;
        sums.C = buffer;
        sums.CStride = width;
        sums.Bias = null;
        sums.Residual = null;

        TileRows blocks = new(rows, Tiles.MaximumHeight(set, width), Rows);
        for (var block = 0; block < blocks.BlockCount; block++)
        {
            (var row, var count) = blocks.Block(block);
            sums.A = t.A + (row * t.ARowStride);
            sums.Prefetch = t.Prefetch is null ? null : t.Prefetch + (t.PrefetchBytes * row / rows);
            sums.PrefetchBytes = t.PrefetchBytes * count / rows;
            var target = c.TakeRows(row, count);
            if (t.Accumulate)
                Packing.PackPanel(target.Data, t.CStride, 1, count, columns, buffer, width);
            Tiles.Run(set, &sums, width, count);
            EpilogueRows.Run(set, buffer, width, target,
                new Epilogue { Bias = t.Bias, Activation = activation, Residual = residual.TakeRows(row, count) });
        }
    }
}
