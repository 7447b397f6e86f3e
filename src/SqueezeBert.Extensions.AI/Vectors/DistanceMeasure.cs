using Microsoft.Extensions.VectorData;

namespace SqueezeBert.Extensions.AI.Vectors;

/// <summary>
/// A distance function of Microsoft.Extensions.VectorData. Everything is computed in float64, term after term, so that scores have the
/// same bits everywhere.
/// </summary>
/// <param name="name">Of <see cref="DistanceFunction"/>; null for the cosine similarity.</param>
/// <param name="property">The name of the file in messages.</param>
internal sealed class DistanceMeasure(string? name, string property)
{
    private readonly Func<StoredVector, StoredVector, double> _compare = name switch
    {
        null or DistanceFunction.CosineSimilarity => static (a, b) => Cosine(a, b),
        DistanceFunction.CosineDistance => static (a, b) => 1 - Cosine(a, b),
        DistanceFunction.DotProductSimilarity => static (a, b) => Dot(a.Values, b.Values),
        DistanceFunction.NegativeDotProductSimilarity => static (a, b) => -Dot(a.Values, b.Values),
        DistanceFunction.EuclideanDistance => static (a, b) => Math.Sqrt(SquaredDistance(a.Values, b.Values)),
        DistanceFunction.EuclideanSquaredDistance => static (a, b) => SquaredDistance(a.Values, b.Values),
        DistanceFunction.ManhattanDistance => static (a, b) => Manhattan(a.Values, b.Values),
        _ => throw new NotSupportedException(
            $"{property}: the distance function '{name}' is not for vectors of float32; there are {DistanceFunction.CosineSimilarity}, " +
            $"{DistanceFunction.CosineDistance}, {DistanceFunction.DotProductSimilarity}, " +
            $"{DistanceFunction.NegativeDotProductSimilarity}, {DistanceFunction.EuclideanDistance}, " +
            $"{DistanceFunction.EuclideanSquaredDistance} and {DistanceFunction.ManhattanDistance}"),
    };

    /// <summary>Whether a higher score is a better one.</summary>
    public bool IsSimilarity { get; } =
        name is null or DistanceFunction.CosineSimilarity or DistanceFunction.DotProductSimilarity;

    public double Compare(StoredVector a, StoredVector b) => _compare(a, b);

    public static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++) sum += (double)a[i] * b[i];
        return sum;
    }

    private static double Cosine(StoredVector a, StoredVector b) =>
        a.SquaredLength == 0 || b.SquaredLength == 0
            ? 0
            : Math.Clamp(Dot(a.Values, b.Values) / Math.Sqrt(a.SquaredLength * b.SquaredLength), -1, 1);

    private static double SquaredDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            var difference = (double)a[i] - b[i];
            sum += difference * difference;
        }

        return sum;
    }

    private static double Manhattan(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++) sum += Math.Abs((double)a[i] - b[i]);
        return sum;
    }
}
