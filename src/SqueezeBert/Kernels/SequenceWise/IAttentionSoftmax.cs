namespace SqueezeBert.Kernels.SequenceWise;

/// <summary>
/// What stands between the two products of attention and after the second. A struct, so that <see cref="VectorAttention"/> is compiled for
/// each; called once for a block of queries of a head.
/// </summary>
internal unsafe interface IAttentionSoftmax
{
    /// <summary>
    /// Where the scores of a block of queries are written, rows of <paramref name="stride"/> elements: <paramref name="workspace"/>, or
    /// memory that keeps what <see cref="Weigh"/> makes of them.
    /// </summary>
    float* ScoresOf(int firstQuery, int stride, float* workspace);

    /// <summary>The weights of the values.</summary>
    /// <param name="set">The instruction set.</param>
    /// <param name="scores">[queries, keys], the products of queries and keys; in the rest of each row, up to the stride, zeros.</param>
    /// <param name="head">The head.</param>
    /// <param name="firstQuery">The first query of the block.</param>
    Matrix Weigh(InstructionSet set, Matrix scores, int head, int firstQuery);

    /// <summary>Is given the products of weights and values, for the queries of the last <see cref="Weigh"/>.</summary>
    void Finish(InstructionSet set, Matrix output);
}
