using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Assistant.Analysis;

/// <summary>
/// The Mahalanobis distance of a text's vector to the nearest intent, as <see cref="MahalanobisDistance"/> defines it, in a form that is
/// stored in a file. It takes width² / 2 multiplications, plus width for each intent. Immutable and thread-safe.
/// </summary>
internal sealed class ScopeDistance
{
    private const string FactorName = "covariance_factor", MeansName = "whitened_means";
    private const string Remedy = "train the assistant again, or run 'squeezebert assist scope --fit'";
    private const int MaxWidth = 8_192, MaxClasses = 65_536;

    private readonly float[] _factor;
    private readonly float[] _means;

    private ScopeDistance(int width, float[] factor, float[] means) => (Width, _factor, _means) = (width, factor, means);

    /// <summary>Elements of a vector.</summary>
    public int Width { get; }

    /// <summary>
    /// Estimates the distance from the vectors of training texts and their intents. If there are fewer texts than components of a vector,
    /// the covariance is unreliable and is mostly replaced by a multiple of the identity.
    /// </summary>
    /// <param name="vectors">[examples][width].</param>
    /// <param name="classes">The intent of each, from 0.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked before each example.</param>
    /// <exception cref="ArgumentException">There is no vector, or the vectors of each intent are all the same.</exception>
    public static ScopeDistance Fit(
        IReadOnlyList<ReadOnlyMemory<float>> vectors, IReadOnlyList<int> classes, CancellationToken cancellationToken)
    {
        // The means of equal vectors are rounded, which would pass for a spread.
        var first = new Dictionary<int, ReadOnlyMemory<float>>();
        if (!vectors.Zip(classes).Any(pair => !first.TryAdd(pair.Second, pair.First)
            && !first[pair.Second].Span.SequenceEqual(pair.First.Span))) throw new ArgumentException(
            "the model makes the same vector of all texts of each intent: add texts that differ in words of its vocabulary",
            nameof(vectors));
        var width = vectors[0].Length;
        var shrinkage = Math.Max(MahalanobisDistance.Shrinkage, (double)width / (vectors.Count + width));
        var fitted = MahalanobisDistance.Fit(vectors, classes, shrinkage, cancellationToken);
        var factor = fitted.CovarianceFactor.Select(value => (float)value).ToArray();
        var scope = new ScopeDistance(fitted.Width, factor, []);
        var means = fitted.ClassMeans.SelectMany(mean => scope.Whiten(mean).Select(value => (float)value));
        return new ScopeDistance(fitted.Width, factor, [.. means]);
    }

    /// <summary>The squared distance to the nearest intent, at least 0.</summary>
    /// <exception cref="ArgumentException">The vector has another width.</exception>
    public double Of(ReadOnlySpan<float> vector)
    {
        if (vector.Length != Width) throw new ArgumentException($"{vector.Length} elements, not {Width}", nameof(vector));
        var wide = new double[Width];
        for (var i = 0; i < Width; i++) wide[i] = vector[i];
        var whitened = Whiten(wide);
        var nearest = double.PositiveInfinity;
        for (var start = 0; start < _means.Length; start += Width)
        {
            var sum = 0.0;
            for (var i = 0; i < Width && sum < nearest; i++)
            {
                var difference = whitened[i] - _means[start + i];
                sum += difference * difference;
            }

            nearest = Math.Min(nearest, sum);
        }

        return nearest;
    }

    /// <summary>Writes it.</summary>
    public void Save(string path)
    {
        var writer = new SafetensorsWriter();
        writer.Add(FactorName, [Width, Width], _factor);
        writer.Add(MeansName, [_means.Length / Width, Width], _means);
        writer.Save(path);
    }

    /// <summary>Reads it.</summary>
    /// <param name="path">A file of <see cref="Save"/>.</param>
    /// <param name="width">The model's.</param>
    /// <exception cref="InvalidModelFileException">It is damaged, or of another model.</exception>
    public static ScopeDistance Load(string path, int width)
    {
        using var file = SafetensorsFile.Open(path);
        var factor = Read(FactorName, rows => rows == width);
        var means = Read(MeansName, rows => rows is >= 1 and <= MaxClasses);
        for (var i = 0; i < width; i++)
        {
            if (!(factor[(i * width) + i] > 0))
                throw new InvalidModelFileException(path, FactorName, $"is no factor of a covariance: {Remedy}");
        }

        return new ScopeDistance(width, factor, means);

        float[] Read(string name, Func<long, bool> isCount)
        {
            if (width is < 1 or > MaxWidth || !file.TryGetTensor(name, out var info) || info is not { Shape: [var rows, var columns] }
                || columns != width || !isCount(rows))
                throw new InvalidModelFileException(path, name, $"is missing, or not {width} wide as the model: {Remedy}");
            var values = new float[rows * columns];
            file.ReadFloats(name, values);
            return values.All(float.IsFinite) ? values
                : throw new InvalidModelFileException(path, name, $"has a number that is not finite: {Remedy}");
        }
    }

    private double[] Whiten(ReadOnlySpan<double> vector)
    {
        var whitened = new double[Width];
        for (var row = 0; row < Width; row++)
        {
            var factor = _factor.AsSpan(row * Width, row + 1);
            var value = vector[row];
            for (var k = 0; k < row; k++) value -= factor[k] * whitened[k];
            whitened[row] = value / factor[row];
        }

        return whitened;
    }
}
