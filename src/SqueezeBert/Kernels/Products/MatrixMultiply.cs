using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.Products;

/// <summary>
/// Matrix products. Each output is one chain of fused multiply-adds over k in order, whatever the tile, the instruction set or the part of
/// the matrix that a call computes; so a result does not depend on how callers divide the work.
/// </summary>
internal static unsafe class MatrixMultiply
{
    /// <summary>
    /// c[i][j] = activation(Σₖ a[i][k]·b[k][j] + bias[j]) + residual[i][j] for the columns of the given panels; the chain starts from 0.
    /// </summary>
    /// <param name="a">[rows, k], a row every <paramref name="aStride"/> elements.</param>
    /// <param name="aStride">Elements from a row of a to the next.</param>
    /// <param name="b">[k, n].</param>
    /// <param name="firstPanel">The first panel of b to use.</param>
    /// <param name="panelCount">The number of panels of b to use.</param>
    /// <param name="c">Row 0, column 0 of the whole result [rows, n]; may be <paramref name="residual"/>.</param>
    /// <param name="cStride">Elements from a row of c to the next.</param>
    /// <param name="rows">The number of rows of a and c.</param>
    /// <param name="bias">[n] or null.</param>
    /// <param name="activation">Applied after the bias and before the residual.</param>
    /// <param name="residual">[rows, n] from column 0, or null.</param>
    /// <param name="residualStride">Elements from a row of the residual to the next.</param>
    public static void Packed(
        float* a, nint aStride, PackedMatrix b, int firstPanel, int panelCount, float* c, nint cStride, int rows, float* bias,
        Activation activation, float* residual, nint residualStride) =>
        Packed(InstructionSets.Selected, a, aStride, b, firstPanel, panelCount, c, cStride, rows, bias, activation, residual,
            residualStride);

    /// <inheritdoc cref="Packed(float*, nint, PackedMatrix, int, int, float*, nint, int, float*, Activation, float*, nint)"/>
    public static void Packed(
        InstructionSet set, float* a, nint aStride, PackedMatrix b, int firstPanel, int panelCount, float* c, nint cStride, int rows,
        float* bias, Activation activation, float* residual, nint residualStride)
    {
        if (set != InstructionSet.Scalar)
            PackedProduct.Run(set, a, aStride, b, firstPanel, panelCount, c, cStride, rows, bias, activation, residual, residualStride);
        else
            ScalarMatrixMultiply.Packed(a, aStride, b, firstPanel, panelCount, c, cStride, rows, bias, activation, residual,
                residualStride);

        // The panels are used by address; a matrix that nobody holds any more must not be freed meanwhile.
        GC.KeepAlive(b);
    }

    /// <summary>
    /// c[i][j] = Σₖ a[i·aRowStride + k·aKStride]·b[k·bStride + j], the chain starting from 0 or, to accumulate, from c[i][j].
    /// </summary>
    /// <param name="a">The left matrix; aKStride = 1 for one in place, aRowStride = 1 for a transposed one.</param>
    /// <param name="aRowStride">Elements of a from an output row to the next.</param>
    /// <param name="aKStride">Elements of a from a term of the sum to the next.</param>
    /// <param name="b">[k, columns], a row every <paramref name="bStride"/> elements.</param>
    /// <param name="bStride">Elements from a row of b to the next.</param>
    /// <param name="c">[rows, columns]; must not overlap a or b.</param>
    /// <param name="cStride">Elements from a row of c to the next.</param>
    /// <param name="rows">The number of rows of c.</param>
    /// <param name="columns">The number of columns of b and c.</param>
    /// <param name="k">The length of the sums; may be 0.</param>
    /// <param name="accumulate">Whether the chain starts from what c holds.</param>
    public static void Strided(
        float* a, nint aRowStride, nint aKStride, float* b, nint bStride, float* c, nint cStride, int rows, int columns, int k,
        bool accumulate) =>
        Strided(InstructionSets.Selected, a, aRowStride, aKStride, b, bStride, c, cStride, rows, columns, k, accumulate);

    /// <inheritdoc cref="Strided(float*, nint, nint, float*, nint, float*, nint, int, int, int, bool)"/>
    public static void Strided(
        InstructionSet set, float* a, nint aRowStride, nint aKStride, float* b, nint bStride, float* c, nint cStride, int rows, int columns,
        int k, bool accumulate)
    {
        if (set != InstructionSet.Scalar)
            StridedProduct.Run(set, a, aRowStride, aKStride, b, bStride, c, cStride, rows, columns, k, accumulate);
        else
            ScalarMatrixMultiply.Strided(a, aRowStride, aKStride, b, bStride, c, cStride, rows, columns, k, accumulate);
    }

    /// <summary>
    /// c[i][j] += Σₖ a[k][i]·b[k][j], each chain starting from c[i][j]; and sums[i] += Σₖ a[k][i] where they are asked for: the gradients
    /// of a weight and a bias, k being the rows of a batch.
    /// </summary>
    /// <param name="a">[terms, rows], a row every <paramref name="aStride"/> elements.</param>
    /// <param name="aStride">Elements from a row of a to the next.</param>
    /// <param name="b">[terms, columns], a row every <paramref name="bStride"/> elements.</param>
    /// <param name="bStride">Elements from a row of b to the next.</param>
    /// <param name="c">[rows, columns].</param>
    /// <param name="cStride">Elements from a row of c to the next.</param>
    /// <param name="terms">The length of the sums; may be 0.</param>
    /// <param name="rows">The number of rows of c.</param>
    /// <param name="columns">The number of columns of b and c.</param>
    /// <param name="sums">[rows] or null.</param>
    public static void AddTransposed(float* a, nint aStride, float* b, nint bStride, float* c, nint cStride, int terms, int rows,
        int columns, float* sums) =>
        AddTransposed(InstructionSets.Selected, a, aStride, b, bStride, c, cStride, terms, rows, columns, sums);

    /// <inheritdoc cref="AddTransposed(float*, nint, float*, nint, float*, nint, int, int, int, float*)"/>
    public static void AddTransposed(
        InstructionSet set, float* a, nint aStride, float* b, nint bStride, float* c, nint cStride, int terms, int rows, int columns,
        float* sums)
    {
        if (set != InstructionSet.Scalar)
        {
            TransposedProduct.Run(set, a, aStride, b, bStride, c, cStride, terms, rows, columns, sums);
            return;
        }

        ScalarMatrixMultiply.Strided(a, 1, aStride, b, bStride, c, cStride, rows, columns, terms, accumulate: true);
        if (sums is not null)
            ScalarElementwise.AddColumnSums(a, aStride, terms, rows, sums);
    }

    /// <summary>target[j][i] = source[i][j] for i below rows and j below columns of the source; the two must not overlap.</summary>
    public static void Transpose(float* source, nint sourceStride, float* target, nint targetStride, int rows, int columns)
    {
        Packing.Transpose(source, sourceStride, target, targetStride, rows, columns);
    }
}
