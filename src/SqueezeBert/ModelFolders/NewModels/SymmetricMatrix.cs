namespace SqueezeBert.ModelFolders.NewModels;

/// <summary>
/// Eigenvectors of symmetric matrices by Jacobi's rotations in float64. Every element is one chain of operations in a fixed order, so the
/// bits are the same everywhere.
/// </summary>
internal static class SymmetricMatrix
{
    private const int MaxSweeps = 60;

    /// <summary>The eigenvectors, those of the largest eigenvalues first.</summary>
    /// <param name="matrix">[width, width], which is overwritten.</param>
    /// <param name="width">Rows and columns.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked in each sweep.</param>
    /// <returns>[width, width], one eigenvector of length 1 a row.</returns>
    public static double[] Directions(double[] matrix, int width, CancellationToken cancellationToken)
    {
        var (values, vectors) = Eigen(matrix, width, cancellationToken);
        var order = Enumerable.Range(0, width).OrderByDescending(i => values[i]).ToArray();
        var directions = new double[width * width];
        for (var i = 0; i < width; i++)
            vectors.AsSpan(order[i] * width, width).CopyTo(directions.AsSpan(i * width));
        return directions;
    }

    /// <summary>Eigenvalues and eigenvectors, one a row, of a matrix, which is overwritten.</summary>
    public static (double[] Values, double[] Vectors) Eigen(double[] matrix, int width, CancellationToken cancellationToken)
    {
        var vectors = new double[width * width];
        for (var i = 0; i < width; i++) vectors[(i * width) + i] = 1;
        var size = matrix.Sum(value => value * value);
        for (var sweep = 0; sweep < MaxSweeps; sweep++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rest = 0.0;
            for (var i = 0; i < width; i++)
            {
                for (var j = 0; j < i; j++) rest += matrix[(i * width) + j] * matrix[(i * width) + j];
            }

            if (rest <= size * 1e-28) break;
            for (var p = 0; p < width; p++)
            {
                for (var q = p + 1; q < width; q++) Rotate(matrix, vectors, width, p, q);
            }
        }

        var values = new double[width];
        for (var i = 0; i < width; i++) values[i] = matrix[(i * width) + i];
        return (values, vectors);
    }

    /// <summary>Turns two axes so that the element between them becomes zero.</summary>
    private static void Rotate(double[] matrix, double[] vectors, int width, int p, int q)
    {
        var between = matrix[(p * width) + q];
        if (between == 0) return;
        var ratio = (matrix[(q * width) + q] - matrix[(p * width) + p]) / (2 * between);
        var tangent = (ratio < 0 ? -1 : 1) / (Math.Abs(ratio) + Math.Sqrt((ratio * ratio) + 1));
        var cosine = 1 / Math.Sqrt((tangent * tangent) + 1);
        var sine = tangent * cosine;
        Float64Rows.Turn(matrix.AsSpan(p * width, width), matrix.AsSpan(q * width, width), cosine, sine);
        for (var i = 0; i < matrix.Length; i += width)
        {
            var (a, b) = (matrix[i + p], matrix[i + q]);
            (matrix[i + p], matrix[i + q]) = ((cosine * a) - (sine * b), (sine * a) + (cosine * b));
        }

        (matrix[(p * width) + q], matrix[(q * width) + p]) = (0, 0);
        Float64Rows.Turn(vectors.AsSpan(p * width, width), vectors.AsSpan(q * width, width), cosine, sine);
    }
}
