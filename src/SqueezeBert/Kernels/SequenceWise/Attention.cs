using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.SequenceWise;

/// <summary>
/// Scaled dot-product attention of one text (Vaswani et al., 2017, section 3.2). A query's result does not depend on the other queries of a
/// call.
/// </summary>
internal static unsafe class Attention
{
    /// <summary>The number of floats of working memory that a forward pass needs.</summary>
    public static int WorkspaceSize(int queries, int keys, int headWidth) =>
        VectorAttention.WorkspaceSize(queries, keys, headWidth) + VectorAttention.QueryBlock;

    /// <summary>
    /// output = softmax(q·kᵀ·scale)·v for each head, whose channels are [head·headWidth, (head + 1)·headWidth) of each matrix.
    /// </summary>
    /// <param name="q">[queries, heads·headWidth].</param>
    /// <param name="k">[keys, heads·headWidth]; at least one key.</param>
    /// <param name="v">[keys, heads·headWidth].</param>
    /// <param name="output">[queries, heads·headWidth]; may be q.</param>
    /// <param name="heads">The number of heads.</param>
    /// <param name="scale">Usually 1/√headWidth.</param>
    /// <param name="workspace"><see cref="WorkspaceSize"/> floats.</param>
    /// <param name="scores">[heads, queries, keys] or null: receives q·kᵀ·scale.</param>
    /// <param name="probabilities">[heads, queries, keys] or null: receives the softmax.</param>
    public static void Forward(
        Matrix q, Matrix k, Matrix v, Matrix output, int heads, float scale, float* workspace, float* scores, float* probabilities) =>
        Forward(InstructionSets.Selected, q, k, v, output, heads, scale, workspace, scores, probabilities);

    /// <inheritdoc cref="Forward(Matrix, Matrix, Matrix, Matrix, int, float, float*, float*, float*)"/>
    public static void Forward(
        InstructionSet set, Matrix q, Matrix k, Matrix v, Matrix output, int heads, float scale, float* workspace, float* scores,
        float* probabilities)
    {
        if (set == InstructionSet.Scalar)
            ScalarAttention.Forward(q, k, v, output, heads, scale, workspace, scores, probabilities);
        else
            VectorAttention.Forward(set, q, k, v, output, heads, workspace + VectorAttention.QueryBlock,
                new DeferredSoftmax(scale, workspace, q.Rows, scores, probabilities));
    }

    /// <summary>Computes attention with another softmax, which determines how scores become weights and whether they are kept.</summary>
    /// <param name="q">[queries, heads·headWidth].</param>
    /// <param name="k">[keys, heads·headWidth]; at least one key.</param>
    /// <param name="v">[keys, heads·valueWidth].</param>
    /// <param name="output">[queries, heads·valueWidth]; may be q.</param>
    /// <param name="heads">The number of heads.</param>
    /// <param name="workspace"><see cref="WorkspaceSize"/> floats, for the wider of the two widths.</param>
    /// <param name="softmax">The softmax. It is called for blocks of at most <see cref="VectorAttention.QueryBlock"/> queries.</param>
    public static void Forward<TSoftmax>(Matrix q, Matrix k, Matrix v, Matrix output, int heads, float* workspace, TSoftmax softmax)
        where TSoftmax : struct, IAttentionSoftmax =>
        VectorAttention.Forward(InstructionSets.Selected, q, k, v, output, heads, workspace, softmax);
}
