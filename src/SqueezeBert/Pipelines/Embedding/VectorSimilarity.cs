namespace SqueezeBert;

/// <summary>Measures how similar two vectors are.</summary>
public static class VectorSimilarity
{
    /// <summary>
    /// Returns the cosine similarity of two vectors, -1 to 1, or 0 if a vector has length zero. The sums are computed in float64, one term
    /// after another.
    /// </summary>
    /// <param name="a">The first vector.</param>
    /// <param name="b">The second vector, with as many components as the first.</param>
    /// <exception cref="ArgumentException">The vectors have different numbers of components.</exception>
    public static float Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (a.Length != b.Length)
            throw new ArgumentException($"vectors of {a.Length} and {b.Length} components cannot be compared", nameof(b));
        var (dot, lengthA, lengthB) = (0.0, 0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            dot += (double)a[i] * b[i];
            lengthA += (double)a[i] * a[i];
            lengthB += (double)b[i] * b[i];
        }

        return lengthA == 0 || lengthB == 0 ? 0 : (float)Math.Clamp(dot / Math.Sqrt(lengthA * lengthB), -1, 1);
    }
}
