using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.Products;

/// <summary>
/// Matrix products. Each output is one chain of fused multiply-adds over k in order, for any tile, instruction set or part of the matrix
/// that a call computes. A result therefore does not depend on how callers divide the work.
/// </summary>
internal static unsafe class MatrixMultiply
{
    /// <summary>c = activation(a·b + bias) + residual for all columns.</summary>
    /// <param name="a">[rows, k].</param>
    /// <param name="b">[k, n].</param>
    /// <param name="c">[rows, n].</param>
    /// <param name="epilogue">Bias, activation and residual.</param>
    public static void Packed(Matrix a, PackedMatrix b, Matrix c, in Epilogue epilogue) =>
        Packed(InstructionSets.Selected, a, b, 0, b.PanelCount, c, epilogue);

    /// <summary>
    /// c[i][j] = activation(Σₖ a[i][k]·b[k][j] + bias[j]) + residual[i][j] for the columns of the given panels; the chain starts from 0.
    /// </summary>
    /// <param name="a">[rows, k].</param>
    /// <param name="b">[k, n].</param>
    /// <param name="firstPanel">The first panel of b to use.</param>
    /// <param name="panelCount">The number of panels of b to use.</param>
    /// <param name="c">The whole result [rows, n]; may be the residual.</param>
    /// <param name="epilogue">Bias and residual are those of the whole result.</param>
    public static void Packed(Matrix a, PackedMatrix b, int firstPanel, int panelCount, Matrix c, in Epilogue epilogue) =>
        Packed(InstructionSets.Selected, a, b, firstPanel, panelCount, c, epilogue);

    /// <inheritdoc cref="Packed(Matrix, PackedMatrix, int, int, Matrix, in Epilogue)"/>
    public static void Packed(
        InstructionSet set, Matrix a, PackedMatrix b, int firstPanel, int panelCount, Matrix c, in Epilogue epilogue)
    {
        if (set != InstructionSet.Scalar)
            PanelProduct.Run(set, a, b, firstPanel, panelCount, c, epilogue);
        else
            ScalarMatrixMultiply.Packed(a, b, firstPanel, panelCount, c, epilogue);

        // The panels are used by address; a matrix that nobody holds any more must not be freed meanwhile.
        GC.KeepAlive(b);
    }

    /// <summary>c = a·b. Each chain starts from 0 or, to accumulate, from the value in c.</summary>
    /// <param name="a">[rows, k]; k may be 0.</param>
    /// <param name="b">[k, columns].</param>
    /// <param name="c">[rows, columns]; must not overlap a or b.</param>
    /// <param name="accumulate">Whether the chains start from the values in c.</param>
    public static void Strided(Matrix a, Matrix b, Matrix c, bool accumulate) =>
        Strided(InstructionSets.Selected, a, b, c, accumulate);

    /// <inheritdoc cref="Strided(Matrix, Matrix, Matrix, bool)"/>
    public static void Strided(InstructionSet set, Matrix a, Matrix b, Matrix c, bool accumulate)
    {
        if (set != InstructionSet.Scalar)
            StridedProduct.Run(set, a, b, c, accumulate);
        else
            ScalarMatrixMultiply.Strided(a, b, c, accumulate);
    }

    /// <summary>
    /// c += aᵀ·b, where each chain starts from the value in c. If sums are requested, sums[i] += Σₖ a[k][i]. These are the gradients of a
    /// weight and a bias, where k counts the rows of a batch.
    /// </summary>
    /// <param name="a">[terms, rows]; there may be no terms.</param>
    /// <param name="b">[terms, columns].</param>
    /// <param name="c">[rows, columns].</param>
    /// <param name="sums">[rows] or null.</param>
    public static void AddTransposed(Matrix a, Matrix b, Matrix c, float* sums) =>
        AddTransposed(InstructionSets.Selected, a, b, c, sums);

    /// <inheritdoc cref="AddTransposed(Matrix, Matrix, Matrix, float*)"/>
    public static void AddTransposed(InstructionSet set, Matrix a, Matrix b, Matrix c, float* sums)
    {
        if (set != InstructionSet.Scalar)
            TransposedProduct.Run(set, a, b, c, sums);
        else
            ScalarMatrixMultiply.AddTransposed(a, b, c, sums);
    }

    /// <summary>target = sourceᵀ; the two must not overlap.</summary>
    public static void Transpose(Matrix source, Matrix target) =>
        Packing.Transpose(source.Data, source.Stride, target.Data, target.Stride, source.Rows, source.Columns);
}
