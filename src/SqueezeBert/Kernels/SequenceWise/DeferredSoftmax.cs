namespace SqueezeBert.Kernels.SequenceWise;

/// <summary>
/// The softmax of inference. It divides by the sum of a row at the end, because the output of a head has fewer elements than its weights.
/// </summary>
/// <param name="scale">The scale of the products of queries and keys.</param>
/// <param name="sums">[queries of a block]: working memory.</param>
/// <param name="queries">The number of queries of a head.</param>
/// <param name="scores">[heads, queries, keys] or null: receives the scaled products.</param>
/// <param name="probabilities">[heads, queries, keys] or null: receives the softmax.</param>
internal readonly unsafe struct DeferredSoftmax(float scale, float* sums, int queries, float* scores, float* probabilities)
    : IAttentionSoftmax
{
    public float* ScoresOf(int firstQuery, int stride, float* workspace) => workspace;

    public Matrix Weigh(InstructionSet set, Matrix x, int head, int firstQuery)
    {
        var captured = ((head * (nint)queries) + firstQuery) * x.Columns;
        if (scores is not null)
            CaptureScores(x, scale, scores + captured);
        AttentionSoftmax.Exponentials(set, x, scale, sums);
        if (probabilities is not null)
            CaptureProbabilities(x, sums, probabilities + captured);
        return x;
    }

    public void Finish(InstructionSet set, Matrix output) => AttentionSoftmax.Normalize(set, output, sums);

    private static void CaptureScores(Matrix x, float scale, float* scores)
    {
        for (var row = 0; row < x.Rows; row++)
        {
            for (var i = 0; i < x.Columns; i++)
                *scores++ = x.Row(row)[i] * scale;
        }
    }

    private static void CaptureProbabilities(Matrix x, float* sums, float* probabilities)
    {
        for (var row = 0; row < x.Rows; row++)
        {
            for (var i = 0; i < x.Columns; i++)
                *probabilities++ = x.Row(row)[i] / sums[row];
        }
    }
}
