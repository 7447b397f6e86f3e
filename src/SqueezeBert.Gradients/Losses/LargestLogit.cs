using System.Numerics;

namespace SqueezeBert.Gradients.Losses;

/// <summary>Determines whether a prediction is right.</summary>
internal static unsafe class LargestLogit
{
    /// <summary>Returns whether no logit is larger than that of the label, and no earlier one is equal. NaN is neither.</summary>
    public static bool Is(float* x, int classes, int label) =>
        AreAll(x, label, x[label], isEqualAllowed: false) && AreAll(x + label, classes - label, x[label], isEqualAllowed: true);

    /// <summary>Whether all are less than a limit, or equal to it; NaN is neither.</summary>
    private static bool AreAll(float* x, int count, float limit, bool isEqualAllowed)
    {
        var limits = new Vector<float>(limit);
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            var values = Vector.Load(x + i);
            if (!(isEqualAllowed ? Vector.LessThanOrEqualAll(values, limits) : Vector.LessThanAll(values, limits))) return false;
        }

        for (; i < count; i++)
        {
            if (!(isEqualAllowed ? x[i] <= limit : x[i] < limit)) return false;
        }

        return true;
    }
}
