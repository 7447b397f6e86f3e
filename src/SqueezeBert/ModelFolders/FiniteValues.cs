using System.Numerics;
using System.Runtime.InteropServices;

namespace SqueezeBert.ModelFolders;

/// <summary>Looks for weights that make every answer NaN.</summary>
internal static class FiniteValues
{
    /// <summary>The place of the first value that is NaN or infinite; -1: there is none.</summary>
    /// <param name="values">Weights; read while they are in the cache, at the speed of memory.</param>
    /// <param name="allowsInfinity">Of a bias: minus infinity is a way to say that a token never comes.</param>
    public static int FirstOther(ReadOnlySpan<float> values, bool allowsInfinity)
    {
        // Zero times a number is zero, times NaN or infinity it is NaN; a sum keeps it.
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var sums = Vector<float>.Zero;
        foreach (var vector in vectors) sums += vector * Vector<float>.Zero;
        var sum = Vector.Sum(sums);
        foreach (var value in values[(vectors.Length * Vector<float>.Count)..]) sum += value * 0;
        if (sum == 0) return -1;
        for (var i = 0; i < values.Length; i++)
        {
            if (float.IsNaN(values[i]) || (!allowsInfinity && float.IsInfinity(values[i]))) return i;
        }

        return -1;
    }
}
