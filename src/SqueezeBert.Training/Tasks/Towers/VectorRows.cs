using SqueezeBert.Gradients.Losses;

namespace SqueezeBert.Training.Tasks.Towers;

/// <summary>Vectors of an evaluation, with the arithmetic of cosines in float64: the same on every machine.</summary>
internal static unsafe class VectorRows
{
    /// <summary>A row divided by its length; zeros where it has none.</summary>
    public static float[] Direction(in LossRows rows, int row)
    {
        var vector = new ReadOnlySpan<float>(rows.Row(row), rows.Width).ToArray();
        var squares = 0.0;
        foreach (var x in vector) squares += (double)x * x;
        if (squares == 0) return vector;
        var factor = 1 / Math.Sqrt(squares);
        for (var i = 0; i < vector.Length; i++) vector[i] = (float)(vector[i] * factor);
        return vector;
    }

    /// <summary>The product of two rows, their cosine where both have the length one.</summary>
    public static double Product(float[] a, float[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++) sum += (double)a[i] * b[i];
        return sum;
    }
}
