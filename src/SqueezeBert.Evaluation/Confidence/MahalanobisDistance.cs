namespace SqueezeBert.Evaluation;

/// <summary>
/// The distance of a vector from the classes of a training set (Lee et al., 2018): the smallest squared Mahalanobis distance to the mean of
/// a class, with one covariance for all classes. Immutable and thread-safe.
/// </summary>
public sealed class MahalanobisDistance
{
    /// <summary>
    /// The share of the covariance that is replaced by a multiple of the identity with the same trace. The covariance can then be inverted
    /// for any number of texts.
    /// </summary>
    public const double Shrinkage = 0.01;

    private readonly double[] _factor;
    private readonly double[][] _means;

    private MahalanobisDistance(int width, double[] factor, double[][] means) => (Width, _factor, _means) = (width, factor, means);

    /// <summary>The number of components of a vector.</summary>
    public int Width { get; }

    /// <summary>[width, width]: Cholesky's factor of the covariance in the lower triangle; what is above it means nothing.</summary>
    internal IReadOnlyList<double> CovarianceFactor => _factor;

    /// <summary>[classes][width]: the means of the classes that have an example.</summary>
    internal IReadOnlyList<double[]> ClassMeans => _means;

    /// <summary>
    /// Estimates the means and the covariance. It takes about examples × width² / 2 + width³ / 6 multiplications in float64.
    /// </summary>
    /// <param name="vectors">The vectors of the training texts, with the shape [examples][width].</param>
    /// <param name="classes">The class of each vector, from 0.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked before each example and each row.</param>
    /// <returns>The fitted distance.</returns>
    /// <exception cref="ArgumentException">
    /// There is no vector, the vectors have different widths, or all vectors of each class are equal.
    /// </exception>
    public static MahalanobisDistance Fit(
        IReadOnlyList<ReadOnlyMemory<float>> vectors, IReadOnlyList<int> classes, CancellationToken cancellationToken = default) =>
        Fit(vectors, classes, Shrinkage, cancellationToken);

    /// <summary>As <see cref="Fit(IReadOnlyList{ReadOnlyMemory{float}}, IReadOnlyList{int}, CancellationToken)"/>.</summary>
    /// <param name="vectors">[examples][width].</param>
    /// <param name="classes">The class of each, from 0.</param>
    /// <param name="shrinkage">
    /// In the place of <see cref="Shrinkage"/>, above 0 to 1: more where there are fewer vectors than elements.
    /// </param>
    /// <param name="cancellationToken">Cancels the call. It is checked before each example and each row.</param>
    internal static MahalanobisDistance Fit(
        IReadOnlyList<ReadOnlyMemory<float>> vectors, IReadOnlyList<int> classes, double shrinkage, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        ArgumentNullException.ThrowIfNull(classes);
        if (vectors.Count == 0) throw new ArgumentException("there is no vector", nameof(vectors));
        if (vectors.Count != classes.Count)
            throw new ArgumentException($"{classes.Count} classes for {vectors.Count} vectors", nameof(classes));
        var width = vectors[0].Length;
        if (vectors.Any(vector => vector.Length != width)) throw new ArgumentException("the vectors differ in width", nameof(vectors));
        var means = Means(vectors, classes, width);
        var covariance = new double[width * width];
        var difference = new double[width];
        for (var i = 0; i < vectors.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Subtract(vectors[i].Span, means[classes[i]], difference);
            for (var row = 0; row < width; row++)
            {
                var value = difference[row];
                var sums = covariance.AsSpan(row * width, row + 1);
                for (var column = 0; column < sums.Length; column++) sums[column] += value * difference[column];
            }
        }

        var trace = 0.0;
        for (var i = 0; i < width; i++) trace += covariance[(i * width) + i] /= vectors.Count;
        for (var row = 0; row < width; row++)
        {
            for (var column = 0; column < row; column++) covariance[(row * width) + column] *= (1 - shrinkage) / vectors.Count;
            covariance[(row * width) + row] = ((1 - shrinkage) * covariance[(row * width) + row]) + (shrinkage * trace / width);
        }

        Factor(covariance, width, cancellationToken);
        return new MahalanobisDistance(width, covariance, [.. means.Where(mean => mean.Length > 0)]);
    }

    /// <summary>Returns the squared distance to the nearest class, zero or more.</summary>
    /// <param name="vector">The vector, with <see cref="Width"/> components.</param>
    /// <exception cref="ArgumentException">The vector has another width.</exception>
    public double Of(ReadOnlySpan<float> vector)
    {
        if (vector.Length != Width) throw new ArgumentException($"{vector.Length} elements, not {Width}", nameof(vector));
        var nearest = double.PositiveInfinity;
        var difference = new double[Width];
        foreach (var mean in _means)
        {
            Subtract(vector, mean, difference);
            nearest = Math.Min(nearest, SquaredLength(difference, nearest));
        }

        return nearest;
    }

    private static double[][] Means(IReadOnlyList<ReadOnlyMemory<float>> vectors, IReadOnlyList<int> classes, int width)
    {
        var count = classes.Max() + 1;
        if (classes.Min() < 0) throw new ArgumentException("a class is below 0", nameof(classes));
        var counts = new int[count];
        foreach (var one in classes) counts[one]++;
        var means = counts.Select(examples => new double[examples == 0 ? 0 : width]).ToArray();
        for (var i = 0; i < vectors.Count; i++)
        {
            var vector = vectors[i].Span;
            var mean = means[classes[i]];
            for (var k = 0; k < width; k++) mean[k] += vector[k] / (double)counts[classes[i]];
        }

        return means;
    }

    private static void Subtract(ReadOnlySpan<float> vector, ReadOnlySpan<double> mean, Span<double> difference)
    {
        for (var i = 0; i < difference.Length; i++) difference[i] = vector[i] - mean[i];
    }

    // Cholesky's factor in place, in the lower triangle.
    private static void Factor(double[] matrix, int width, CancellationToken cancellationToken)
    {
        for (var row = 0; row < width; row++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var current = matrix.AsSpan(row * width, width);
            for (var column = 0; column <= row; column++)
            {
                var other = matrix.AsSpan(column * width, column);
                var sum = current[column];
                for (var k = 0; k < other.Length; k++) sum -= current[k] * other[k];
                if (column < row) current[column] = sum / matrix[(column * width) + column];
                else if (sum > 0) current[row] = Math.Sqrt(sum);
                else throw new ArgumentException("the vectors of each class are all the same, or not finite", "vectors");
            }
        }
    }

    // Solves with the factor; a sum that is above the nearest so far need not go on.
    private double SquaredLength(Span<double> difference, double nearest)
    {
        var sum = 0.0;
        for (var row = 0; row < difference.Length && sum < nearest; row++)
        {
            var factor = _factor.AsSpan(row * Width, row + 1);
            var value = difference[row];
            for (var k = 0; k < row; k++) value -= factor[k] * difference[k];
            difference[row] = value /= factor[row];
            sum += value * value;
        }

        return sum;
    }
}
