using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.Products.Microkernels;

namespace SqueezeBert.Kernels.SequenceWise;

/// <summary>
/// The vector form of <see cref="Attention"/>: for each head, keys and values are packed once; then blocks of queries, small enough that
/// their scores stay in the cache, go through both products.
/// </summary>
internal static unsafe class VectorAttention
{
    // Multiples of the tile heights 6, 8 and 12; fewer queries where there are many keys, so that their scores stay in the first-level
    // cache.
    private const int QueryBlock = 48, ShortQueryBlock = 24, KeysOfShortBlock = 256;
    private const int Alignment = 16;

    public static int WorkspaceSize(int queries, int keys, int headWidth)
    {
        var paddedKeys = new PanelLayout(keys).PaddedColumns;
        var size = ((long)headWidth * paddedKeys) + ((long)keys * new PanelLayout(headWidth).PaddedColumns)
            + ((long)Math.Min(queries, QueryBlock) * paddedKeys) + QueryBlock + Alignment;
        return checked((int)size);
    }

    public static void Forward(
        InstructionSet set, float* q, nint qStride, float* k, nint kStride, float* v, nint vStride, float* output, nint outputStride,
        int queries, int keys, int heads, int headWidth, float scale, float* workspace, float* scores, float* probabilities)
    {
        PanelLayout keyPanels = new(keys), valuePanels = new(headWidth);
        var paddedKeys = keyPanels.PaddedColumns;
        var packedKeys = (float*)(((nint)workspace + 63) & ~63);
        var packedValues = packedKeys + ((nint)headWidth * paddedKeys);
        var sums = packedValues + ((nint)keys * valuePanels.PaddedColumns);
        var rows = sums + QueryBlock;
        var block = paddedKeys > KeysOfShortBlock ? ShortQueryBlock : QueryBlock;

        for (var head = 0; head < heads; head++)
        {
            var channel = head * (nint)headWidth;
            Pack(k + channel, 1, kStride, headWidth, keyPanels, packedKeys);
            Pack(v + channel, vStride, 1, keys, valuePanels, packedValues);
            for (int start = 0, count; start < queries; start += count)
            {
                count = Math.Min(block, queries - start);
                Multiply(set, q + (start * qStride) + channel, qStride, packedKeys, headWidth, new PanelLayout(paddedKeys), rows,
                    paddedKeys, count);
                var captured = ((head * (nint)queries) + start) * keys;
                if (scores is not null)
                    CaptureScores(rows, paddedKeys, count, keys, scale, scores + captured);
                AttentionSoftmax.Exponentials(set, rows, paddedKeys, count, keys, scale, sums);
                if (probabilities is not null)
                    CaptureProbabilities(rows, paddedKeys, count, keys, sums, probabilities + captured);
                var result = output + (start * outputStride) + channel;
                Multiply(set, rows, paddedKeys, packedValues, keys, valuePanels, result, outputStride, count);
                AttentionSoftmax.Normalize(set, result, outputStride, count, headWidth, sums);
            }
        }
    }

    private static void CaptureScores(float* x, int stride, int rows, int keys, float scale, float* scores)
    {
        for (var row = 0; row < rows; row++, x += stride)
        {
            for (var i = 0; i < keys; i++)
                *scores++ = x[i] * scale;
        }
    }

    private static void CaptureProbabilities(float* x, int stride, int rows, int keys, float* sums, float* probabilities)
    {
        for (var row = 0; row < rows; row++, x += stride)
        {
            for (var i = 0; i < keys; i++)
                *probabilities++ = x[i] / sums[row];
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

    private static void Multiply(InstructionSet set, float* a, nint aStride, float* b, int k, PanelLayout layout, float* c,
        nint cStride, int rows)
    {
        for (var panel = 0; panel < layout.Count; panel++)
        {
            int width = layout.Width(panel), column = layout.FirstColumn(panel), columns = layout.Columns(panel);
            TileArguments t = new()
            {
                A = a,
                ARowStride = aStride,
                AStep = 1,
                B = b + ((nint)column * k),
                BStep = width,
                K = k,
                C = c + column,
                CStride = cStride,
            };
            if (columns == width)
                Tiles.Run(set, &t, width, rows);
            else
                BufferedTiles.Run(set, t, width, columns, rows, Activation.None);
        }
    }
}
