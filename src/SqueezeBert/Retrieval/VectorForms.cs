using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Retrieval;

/// <summary>
/// Converts a vector to the number formats of an index. One vector at a time is converted, for which plain loops are fast enough.
/// </summary>
internal static class VectorForms
{
    private const int Limit = 127;

    /// <summary>Divides a vector by its length. A vector of length zero is not changed.</summary>
    /// <exception cref="ArgumentException">A component is not finite.</exception>
    public static unsafe void Normalize(ReadOnlySpan<float> vector, Span<float> unit)
    {
        for (var i = 0; i < vector.Length; i++)
        {
            if (!float.IsFinite(vector[i])) throw new ArgumentException($"component {i} of the vector is {vector[i]}", nameof(vector));
        }

        fixed (float* x = vector, y = unit) UnitLength.Forward(x, y, vector.Length);
    }

    /// <summary>Rounds each component to one of 255 evenly spaced numbers. The largest magnitude becomes 127.</summary>
    /// <param name="unit">The vector, with length 1 or 0.</param>
    /// <param name="bytes">Receives as many bytes.</param>
    /// <returns>
    /// The scale, by which the bytes are multiplied to have length 1. A cosine is the product of both scales and the dot product of the
    /// bytes.
    /// </returns>
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

    /// <summary>Sets one bit per component that is below zero. Component i is bit i mod 64 of word i / 64.</summary>
    public static void ToBits(ReadOnlySpan<float> unit, Span<ulong> words)
    {
        words.Clear();
        for (var i = 0; i < unit.Length; i++)
        {
            if (unit[i] < 0) words[i / 64] |= 1UL << (i % 64);
        }
    }
}
