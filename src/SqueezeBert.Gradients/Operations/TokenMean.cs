using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Gradients.Operations;

/// <summary>The mean of a text's rows: summed in order, then divided, as inference and sentence-transformers pool.</summary>
internal static unsafe class TokenMean
{
    /// <param name="rows">[count, width].</param>
    /// <param name="count">Tokens, at least one.</param>
    /// <param name="width">Channels.</param>
    /// <param name="mean">[width].</param>
    public static void Compute(float* rows, int count, int width, float* mean)
    {
        var target = new Span<float>(mean, width);
        target.Clear();
        Elementwise.AddColumnSums(new(rows, count, width), mean);
        foreach (ref var value in target) value /= count;
    }
}
