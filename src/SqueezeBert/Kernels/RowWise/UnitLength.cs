namespace SqueezeBert.Kernels.RowWise;

/// <summary>
/// Divides vectors by their lengths. There is only one vector per text, so plain sums in float64 are fast enough for all instruction sets,
/// and the bits are the same.
/// </summary>
internal static unsafe class UnitLength
{
    /// <summary>y = x / |x|, or x if its length is zero. y may be x. NaN gives NaN.</summary>
    /// <returns>|x|.</returns>
    public static double Forward(float* x, float* y, int width)
    {
        var sum = 0.0;
        for (var i = 0; i < width; i++) sum += (double)x[i] * x[i];
        var length = Math.Sqrt(sum);
        for (var i = 0; i < width; i++) y[i] = length == 0 ? x[i] : (float)(x[i] / length);
        return length;
    }

    /// <summary>
    /// dx = (dy - y (dy · y)) / |x|: the component along the vector has no effect. A vector of length zero has no gradient.
    /// </summary>
    /// <param name="x">[width].</param>
    /// <param name="length">What <see cref="Forward"/> returned.</param>
    /// <param name="dy">[width].</param>
    /// <param name="dx">[width]; may be x or dy.</param>
    /// <param name="accumulate">Whether to add to dx.</param>
    /// <param name="width">Components.</param>
    public static void Backward(float* x, double length, float* dy, float* dx, bool accumulate, int width)
    {
        var along = 0.0;
        if (length != 0)
        {
            for (var i = 0; i < width; i++) along += dy[i] * (x[i] / length);
        }

        for (var i = 0; i < width; i++)
        {
            var value = length == 0 ? 0 : (float)((dy[i] - (along * (x[i] / length))) / length);
            dx[i] = accumulate ? dx[i] + value : value;
        }
    }
}
