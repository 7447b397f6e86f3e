namespace SqueezeBert.Cli.Slices;

/// <summary>How two models differ on the same examples.</summary>
/// <param name="Examples">How many.</param>
/// <param name="First">The first model's mean outcome.</param>
/// <param name="Second">The second model's.</param>
/// <param name="Low">The 95 % bootstrap interval of second minus first begins here.</param>
/// <param name="High">And ends here.</param>
/// <param name="OnlyFirst">Examples on which the first model does better.</param>
/// <param name="OnlySecond">Examples on which the second does.</param>
/// <param name="PValue">
/// Of McNemar's exact test, two-sided: how probable so uneven a split of the examples that only one has right is if both are as good. Null
/// where outcomes are not right or wrong.
/// </param>
internal sealed record PairedDifference(
    int Examples, double First, double Second, double Low, double High, int OnlyFirst, int OnlySecond, double? PValue)
{
    /// <summary>Times that the examples are drawn anew.</summary>
    public const int Resamples = 1000;

    /// <summary>Second minus first: negative where the second model loses.</summary>
    public double Difference => Second - First;

    /// <summary>
    /// Whether the interval is on one side of zero and McNemar's test, where there is one, says the same at 5 %: of few examples the
    /// bootstrap alone is too sure.
    /// </summary>
    public bool IsClear => (Low > 0 || High < 0) && PValue is not >= 0.05;

    /// <summary>Compares the outcomes of some examples, of which there is at least one. The same call gives the same interval.</summary>
    /// <param name="first">Outcomes of all examples, 0 to 1.</param>
    /// <param name="second">The second model's, in the same order.</param>
    /// <param name="examples">Which are compared.</param>
    /// <param name="seed">Of the resampling.</param>
    /// <param name="cancellationToken">Looked at before each resample.</param>
    public static PairedDifference Of(
        IReadOnlyList<double> first, IReadOnlyList<double> second, IReadOnlyList<int> examples, int seed,
        CancellationToken cancellationToken = default)
    {
        var count = examples.Count;
        ArgumentOutOfRangeException.ThrowIfZero(count, nameof(examples));
        var differences = examples.Select(example => second[example] - first[example]).ToArray();
        var random = new Random(seed);
        var means = new double[Resamples];
        for (var sample = 0; sample < means.Length; sample++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            double sum = 0;
            for (var i = 0; i < count; i++) sum += differences[random.Next(count)];
            means[sample] = sum / count;
        }

        Array.Sort(means);
        var (losses, wins) = (differences.Count(value => value < 0), differences.Count(value => value > 0));
        var isBinary = examples.All(example => first[example] is 0 or 1 && second[example] is 0 or 1);
        return new PairedDifference(
            count, examples.Average(example => first[example]), examples.Average(example => second[example]),
            means[Resamples * 25 / 1000], means[Resamples * 975 / 1000 - 1], losses, wins, isBinary ? McNemar(losses, wins) : null);
    }

    /// <summary>Twice the smaller tail of the binomial distribution with one half, at most 1.</summary>
    public static double McNemar(int onlyFirst, int onlySecond)
    {
        var count = onlyFirst + onlySecond;
        var logTerm = -count * Math.Log(2);
        double tail = 0;
        for (var k = 0; k <= Math.Min(onlyFirst, onlySecond); k++)
        {
            tail += Math.Exp(logTerm);
            logTerm += Math.Log(count - k) - Math.Log(k + 1);
        }

        return Math.Min(1, 2 * tail);
    }
}
