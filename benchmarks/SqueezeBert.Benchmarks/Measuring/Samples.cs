namespace SqueezeBert.Benchmarks.Measuring;

/// <summary>What was measured, many times: of seconds, or of a rate.</summary>
internal sealed class Samples(IEnumerable<double> values)
{
    private readonly double[] _sorted = [.. values.Order()];

    public int Count => _sorted.Length;

    public double Median => Quantile(0.5);

    public double Minimum => _sorted[0];

    public double Maximum => _sorted[^1];

    /// <summary>
    /// The middle half of the samples, from the first quartile to the third, as a share of the median: what the machine's unrest does to
    /// them.
    /// </summary>
    public double Spread => (Quantile(0.75) - Quantile(0.25)) / Median;

    /// <summary>The value below which a share of the samples lie, interpolated between the two nearest.</summary>
    public double Quantile(double share)
    {
        var place = share * (_sorted.Length - 1);
        var below = (int)place;
        return below == _sorted.Length - 1 ? _sorted[below] : _sorted[below] + ((place - below) * (_sorted[below + 1] - _sorted[below]));
    }
}
