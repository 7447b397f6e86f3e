using System.Numerics;
using System.Runtime.InteropServices;

namespace SqueezeBert.ModelFolders;

/// <summary>Searches for weights that would make every result NaN.</summary>
internal static class FiniteValues
{
    /// <summary>Returns the index of the first value that is NaN or infinite, or -1 if there is none.</summary>
    /// <param name="values">The weights. They are checked at the speed of memory while they are in the cache.</param>
    /// <param name="allowsInfinity">Whether minus infinity is allowed, which is used in a bias to exclude a token.</param>
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
