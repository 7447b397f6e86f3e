namespace SqueezeBert;

/// <summary>How alike two vectors are.</summary>
public static class VectorSimilarity
{
    /// <summary>Cosine of the angle between two vectors, -1..1; 0 where one has no length. In float64, term after term.</summary>
    /// <exception cref="ArgumentException">The vectors differ in length.</exception>
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
