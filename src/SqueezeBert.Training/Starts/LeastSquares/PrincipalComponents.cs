using SqueezeBert.ModelFolders.NewModels;

namespace SqueezeBert.Training.Starts.LeastSquares;

/// <summary>
/// The directions in which rows spread most, the widest first: eigenvectors of their covariance, in float64. Every element is one chain of
/// operations in a fixed order: the same bits whatever the threads.
/// </summary>
internal static class PrincipalComponents
{
    /// <summary>Mean and directions of rows.</summary>
    /// <param name="rows">Rows of <paramref name="width"/> numbers; at least two.</param>
    /// <param name="width">Columns.</param>
    /// <param name="threads">To sum with.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked in each sweep.</param>
    /// <returns>The mean [width], and the directions [width, width], one a row, of length 1.</returns>
    public static (double[] Mean, double[] Directions) Of(
        ReadOnlySpan<float> rows, int width, int threads, CancellationToken cancellationToken)
    {
        var products = ColumnProducts.Within(width, threads);
        products.Add(new Columns(rows, width));
        var count = (double)products.RowCount;
        var mean = new double[width];
        for (var i = 0; i < width; i++) mean[i] = products[width, i] / count;
        var covariance = new double[width * width];
        for (var i = 0; i < width; i++)
        {
            for (var j = 0; j < width; j++) covariance[(i * width) + j] = (products[i, j] / count) - (mean[i] * mean[j]);
        }

        return (mean, SymmetricMatrix.Directions(covariance, width, cancellationToken));
    }
}
