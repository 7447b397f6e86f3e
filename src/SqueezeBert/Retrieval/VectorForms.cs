using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Retrieval;

/// <summary>A vector in the forms of an index. They are made one vector at a time, which plain loops are fast enough for.</summary>
internal static class VectorForms
{
    private const int Limit = 127;

    /// <summary>The vector divided by its length; one without length stays as it is.</summary>
    /// <exception cref="ArgumentException">A component is no finite number.</exception>
    public static unsafe void Normalize(ReadOnlySpan<float> vector, Span<float> unit)
    {
        for (var i = 0; i < vector.Length; i++)
        {
            if (!float.IsFinite(vector[i])) throw new ArgumentException($"component {i} of the vector is {vector[i]}", nameof(vector));
        }

        fixed (float* x = vector, y = unit) UnitLength.Forward(x, y, vector.Length);
    }

    /// <summary>The nearest of 255 numbers in even steps for each component, the largest of which is 127.</summary>
    /// <param name="unit">Of length 1, or without any.</param>
    /// <param name="bytes">As long.</param>
    /// <returns>What the bytes are multiplied by to have the length 1: a cosine is the product of both scales and both bytes.</returns>
    public static float ToBytes(ReadOnlySpan<float> unit, Span<sbyte> bytes)
    {
        var largest = 0f;
        foreach (var value in unit) largest = ScalarMath.Max(MathF.Abs(value), largest);
        if (largest == 0)
        {
            bytes.Clear();
            return 0f;
        }

        // The largest component of a vector of length 1 is not small, so the quotient is finite.
        var inverse = Limit / largest;
        var squares = 0L;
        for (var i = 0; i < unit.Length; i++)
        {
            bytes[i] = (sbyte)MathF.Round(unit[i] * inverse, MidpointRounding.ToEven);
            squares += bytes[i] * bytes[i];
        }

        return (float)(1 / Math.Sqrt(squares));
    }

    /// <summary>A bit for each component, set where it is below zero: component i is bit i mod 64 of word i / 64.</summary>
    public static void ToBits(ReadOnlySpan<float> unit, Span<ulong> words)
    {
        words.Clear();
        for (var i = 0; i < unit.Length; i++)
        {
            if (unit[i] < 0) words[i / 64] |= 1UL << (i % 64);
        }
    }
}
