namespace SqueezeBert.Gradients.Losses;

/// <summary>Writes gradients element by element.</summary>
internal static unsafe class ElementGradient
{
    /// <summary>Writes or adds the gradient by an element of the output.</summary>
    public static void Put(in LossRows rows, long index, double value)
    {
        if (rows.Accumulate) rows.Gradient[index] += (float)value;
        else rows.Gradient[index] = (float)value;
    }
}
