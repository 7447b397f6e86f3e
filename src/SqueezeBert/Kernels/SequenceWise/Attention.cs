using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.SequenceWise;

/// <summary>
/// Scaled dot-product attention of one text (Vaswani et al., 2017, section 3.2). A query's result does not depend on the other queries of a
/// call.
/// </summary>
internal static unsafe class Attention
{
    /// <summary>
    /// The number of floats of working memory that
    /// <see cref="Forward(float*, nint, float*, nint, float*, nint, float*, nint, int, int, int, int, float, float*, float*, float*)"/>
    /// needs.
    /// </summary>
    public static int WorkspaceSize(int queries, int keys, int headWidth) => VectorAttention.WorkspaceSize(queries, keys, headWidth);

    /// <summary>
    /// output = softmax(q·kᵀ·scale)·v for each head, whose channels are [head·headWidth, (head + 1)·headWidth) of each matrix.
    /// </summary>
    /// <param name="q">[queries, heads·headWidth].</param>
    /// <param name="qStride">Elements from a query to the next.</param>
    /// <param name="k">[keys, heads·headWidth].</param>
    /// <param name="kStride">Elements from a key to the next.</param>
    /// <param name="v">[keys, heads·headWidth].</param>
    /// <param name="vStride">Elements from a value to the next.</param>
    /// <param name="output">[queries, heads·headWidth]; may be q, with the same stride.</param>
    /// <param name="outputStride">Elements from an output row to the next.</param>
    /// <param name="queries">The number of queries.</param>
    /// <param name="keys">The number of keys and values, at least 1.</param>
    /// <param name="heads">The number of heads.</param>
    /// <param name="headWidth">Channels of a head.</param>
    /// <param name="scale">Usually 1/√headWidth.</param>
    /// <param name="workspace"><see cref="WorkspaceSize"/> floats.</param>
    /// <param name="scores">[heads, queries, keys] or null: receives q·kᵀ·scale.</param>
    /// <param name="probabilities">[heads, queries, keys] or null: receives the softmax.</param>
    public static void Forward(
        float* q, nint qStride, float* k, nint kStride, float* v, nint vStride, float* output, nint outputStride,
        int queries, int keys, int heads, int headWidth, float scale, float* workspace, float* scores, float* probabilities) =>
        Forward(InstructionSets.Selected, q, qStride, k, kStride, v, vStride, output, outputStride, queries, keys, heads, headWidth, scale,
            workspace, scores, probabilities);

    /// <inheritdoc cref="Forward(float*, nint, float*, nint, float*, nint, float*, nint, int, int, int, int, float, float*, float*, float*)"/>
    public static void Forward(
        InstructionSet set, float* q, nint qStride, float* k, nint kStride, float* v, nint vStride, float* output, nint outputStride,
        int queries, int keys, int heads, int headWidth, float scale, float* workspace, float* scores, float* probabilities)
    {
        if (set == InstructionSet.Scalar)
            ScalarAttention.Forward(q, qStride, k, kStride, v, vStride, output, outputStride, queries, keys, heads, headWidth, scale,
                workspace, scores, probabilities);
        else
            VectorAttention.Forward(set, q, qStride, k, kStride, v, vStride, output, outputStride, queries, keys, heads, headWidth, scale,
                workspace, scores, probabilities);
    }
}
