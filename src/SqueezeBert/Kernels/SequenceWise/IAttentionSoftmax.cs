namespace SqueezeBert.Kernels.SequenceWise;

/// <summary>
/// The operations between the two products of attention and after the second. It is a struct, so that <see cref="VectorAttention"/> is
/// compiled for each one. It is called once for a block of queries of a head.
/// </summary>
internal unsafe interface IAttentionSoftmax
{
    /// <summary>
    /// Returns the memory for the scores of a block of queries, in rows of <paramref name="stride"/> elements:
    /// <paramref name="workspace"/>, or memory that keeps the result of <see cref="Weigh"/>.
    /// </summary>
    float* ScoresOf(int firstQuery, int stride, float* workspace);

    /// <summary>Computes the weights of the values.</summary>
    /// <param name="set">The instruction set.</param>
    /// <param name="scores">[queries, keys], the products of queries and keys. The rest of each row, up to the stride, is zero.</param>
    /// <param name="head">The head.</param>
    /// <param name="firstQuery">The first query of the block.</param>
    Matrix Weigh(InstructionSet set, Matrix scores, int head, int firstQuery);

    /// <summary>Processes the products of weights and values, for the queries of the last <see cref="Weigh"/>.</summary>
    void Finish(InstructionSet set, Matrix output);
}
