namespace SqueezeBert.Tests.Retrieval;

/// <summary>The search in float64, vector by vector: what an index of each precision is to find.</summary>
internal static class PlainSearch
{
    /// <summary>The score of a vector with a query in a precision.</summary>
    public static double Score(VectorPrecision precision, float[] query, float[] vector)
    {
        double[] q = Form(precision, query), v = Form(precision, vector);
        var dot = q.Zip(v, (x, y) => x * y).Sum();
        if (precision == VectorPrecision.Bits) return dot / query.Length;
        var lengths = Math.Sqrt(q.Sum(x => x * x) * v.Sum(x => x * x));
        return lengths == 0 ? 0 : dot / lengths;
    }

    private static double[] Form(VectorPrecision precision, float[] vector) => precision switch
    {
        VectorPrecision.Float32 => [.. vector.Select(x => (double)x)],
        VectorPrecision.Int8 => Rounded(vector),
        _ => [.. vector.Select(x => x < 0 ? -1.0 : 1.0)],
    };

    // As the index has it: of the vector of length 1, in float32, so that the halves between two steps are the same.
    private static double[] Rounded(float[] vector)
    {
        var length = Math.Sqrt(vector.Sum(x => (double)x * x));
        if (length == 0) return new double[vector.Length];
        float[] unit = [.. vector.Select(x => (float)(x / length))];
        var inverse = 127 / unit.Max(Math.Abs);
        return [.. unit.Select(x => Math.Round((double)(x * inverse)))];
    }
}
