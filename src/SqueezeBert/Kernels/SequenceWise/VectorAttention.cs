using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.Products.Microkernels;

namespace SqueezeBert.Kernels.SequenceWise;

/// <summary>
/// Computes attention with any softmax. For each head, keys and values are packed once. Then blocks of queries are multiplied in both
/// products. The blocks are so small that their scores stay in the cache.
/// </summary>
internal static unsafe class VectorAttention
{
    /// <summary>The largest number of queries of a block.</summary>
    public const int QueryBlock = 48;

    // Multiples of the tile heights 6, 8 and 12; fewer queries where there are many keys, so that their scores stay in the first-level
    // cache.
    private const int ShortQueryBlock = 24, KeysOfShortBlock = 256;
    private const int Alignment = 16;

    /// <summary>The number of floats of working memory.</summary>
    public static int WorkspaceSize(int queries, int keys, int headWidth)
    {
        var paddedKeys = new PanelLayout(keys).PaddedColumns;
        var size = ((long)headWidth * paddedKeys) + ((long)keys * new PanelLayout(headWidth).PaddedColumns)
            + ((long)Math.Min(queries, QueryBlock) * paddedKeys) + Alignment;
        return checked((int)size);
    }

    public static void Forward<TSoftmax>(
        InstructionSet set, Matrix q, Matrix k, Matrix v, Matrix output, int heads, float* workspace, TSoftmax softmax)
        where TSoftmax : struct, IAttentionSoftmax
    {
        int queries = q.Rows, keys = k.Rows, headWidth = q.Columns / heads, valueWidth = v.Columns / heads;
        PanelLayout keyPanels = new(keys), valuePanels = new(valueWidth);
        var paddedKeys = keyPanels.PaddedColumns;
        var packedKeys = (float*)(((nint)workspace + 63) & ~63);
        var packedValues = packedKeys + ((nint)headWidth * paddedKeys);
        var rows = packedValues + ((nint)keys * valuePanels.PaddedColumns);
        var block = paddedKeys > KeysOfShortBlock ? ShortQueryBlock : QueryBlock;

        for (var head = 0; head < heads; head++)
        {
            int channel = head * headWidth, valueChannel = head * valueWidth;
            Pack(k.Data + channel, 1, k.Stride, headWidth, keyPanels, packedKeys);
            Pack(v.Data + valueChannel, v.Stride, 1, keys, valuePanels, packedValues);
            for (int start = 0, count; start < queries; start += count)
            {
                count = Math.Min(block, queries - start);
                Matrix scores = new(softmax.ScoresOf(start, paddedKeys, rows), paddedKeys, count, keys);
                Multiply(set, q.TakeRows(start, count).TakeColumns(channel, headWidth), packedKeys, new PanelLayout(paddedKeys), scores);
                var weights = softmax.Weigh(set, scores, head, start);
                var result = output.TakeRows(start, count).TakeColumns(valueChannel, valueWidth);
                Multiply(set, weights, packedValues, valuePanels, result);
                softmax.Finish(set, result);
            }
        }
    }

    private static void Pack(float* source, nint kStride, nint nStride, int k, PanelLayout layout, float* target)
    {
        for (var panel = 0; panel < layout.Count; panel++)
        {
            var column = layout.FirstColumn(panel);
            Packing.PackPanel(source + (column * nStride), kStride, nStride, k, layout.Columns(panel), target + ((nint)column * k),
                layout.Width(panel));
        }
    }

    private static void Multiply(InstructionSet set, Matrix a, float* b, PanelLayout layout, Matrix c)
    {
        for (var panel = 0; panel < layout.Count; panel++)
        {
            int width = layout.Width(panel), column = layout.FirstColumn(panel), columns = layout.Columns(panel);
            TileArguments t = new()
            {
                A = a.Data,
                ARowStride = a.Stride,
                AStep = 1,
                B = b + ((nint)column * a.Columns),
                BStep = width,
                K = a.Columns,
                C = c.Data + column,
                CStride = c.Stride,
            };
            if (columns == width)
                Tiles.Run(set, &t, width, a.Rows);
            else
                BufferedTiles.Run(set, t, width, columns, a.Rows, Activation.None);
        }
    }
}
