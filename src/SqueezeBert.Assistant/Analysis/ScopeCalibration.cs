namespace SqueezeBert.Assistant.Analysis;

/// <summary>
/// The distribution of an intent's confidence and a text's distance for in-scope texts that the model was not trained on. It determines how
/// likely a text is in scope. Both numbers are assumed to be normally distributed after a logarithm.
/// </summary>
internal sealed record ScopeCalibration
{
    private const double MinDeviation = 0.05, LeastOdds = 1e-6, MaxRidge = 0.01, RidgeOfOne = 0.3;
    private const int Steps = 50;

    /// <summary>The smallest number of texts for which a mean and a standard deviation are meaningful.</summary>
    public const int MinTexts = 8;

    /// <summary>Mean and deviation of log(distance).</summary>
    public required (double Mean, double Deviation) Distance { get; init; }

    /// <summary>Mean and deviation of log(p / (1 - p)) of the confidence p.</summary>
    public required (double Mean, double Deviation) Confidence { get; init; }

    /// <summary>
    /// The logistic regression, if there were out-of-scope texts: the bias, and the weights of the two numbers in standard deviations on
    /// the bad side of their mean. Null if there were none.
    /// </summary>
    public (double Bias, double Distance, double Confidence)? Regression { get; init; }

    /// <summary>
    /// The threshold where nothing else is said: of a probability, what is likelier out of scope is refused; of a share, one in twenty
    /// texts in scope is.
    /// </summary>
    public double DefaultThreshold => Regression is null ? new AssistantThresholds().InScope : 0.5;

    /// <summary>Learns it.</summary>
    /// <param name="inScope">Distance and confidence of texts in scope that were not trained on, at least <see cref="MinTexts"/>.</param>
    /// <param name="outOfScope">Those of texts out of scope; fewer than <see cref="MinTexts"/> are not looked at.</param>
    public static ScopeCalibration Fit(
        IReadOnlyList<(double Distance, double Confidence)> inScope, IReadOnlyList<(double Distance, double Confidence)> outOfScope)
    {
        if (inScope.Count < MinTexts) throw new ArgumentException($"{MinTexts} texts are needed at least", nameof(inScope));
        var calibration = new ScopeCalibration
        {
            Distance = Moments(inScope.Select(text => Log(text.Distance))),
            Confidence = Moments(inScope.Select(text => Odds(text.Confidence))),
        };
        return outOfScope.Count < MinTexts ? calibration : calibration with { Regression = calibration.Regress(inScope, outOfScope) };
    }

    /// <summary>
    /// Returns how well a text fits, 0 to 1. With the regression, it is the probability that the text is in scope. Without it, it is the
    /// share of in-scope texts that fit no better, by the more unusual of the two numbers (with Bonferroni's correction for two).
    /// </summary>
    public double InScope(double distance, double confidence)
    {
        var (far, unsure) = Deviations(distance, confidence);
        if (Regression is var (bias, ofDistance, ofConfidence))
            return 1 / (1 + Math.Exp(-(bias + (ofDistance * far) + (ofConfidence * unsure))));
        return Math.Min(1, 2 * Math.Min(UpperTail(far), UpperTail(unsure)));
    }

    private (double Far, double Unsure) Deviations(double distance, double confidence) =>
        ((Log(distance) - Distance.Mean) / Distance.Deviation, (Confidence.Mean - Odds(confidence)) / Confidence.Deviation);

    private (double Bias, double Distance, double Confidence) Regress(
        IReadOnlyList<(double Distance, double Confidence)> inScope, IReadOnlyList<(double Distance, double Confidence)> outOfScope)
    {
        // What is further from the intents, or less sure, is never likelier to be in scope: a weight that says so comes of few texts.
        var both = Regress(inScope, outOfScope, true, true);
        if (both.Distance > 0) return Regress(inScope, outOfScope, false, true) with { Distance = 0 };
        return both.Confidence > 0 ? Regress(inScope, outOfScope, true, false) with { Confidence = 0 } : both;
    }

    // Newton's steps on the ridge-regularised log-likelihood, which is concave; both sides count alike, however many texts they have.
    private (double Bias, double Distance, double Confidence) Regress(
        IReadOnlyList<(double Distance, double Confidence)> inScope, IReadOnlyList<(double Distance, double Confidence)> outOfScope,
        bool hasDistance, bool hasConfidence)
    {
        var rows = inScope.Select(text => (Deviations(text.Distance, text.Confidence), Target: 1.0, Weight: 0.5 / inScope.Count))
            .Concat(outOfScope.Select(text => (Deviations(text.Distance, text.Confidence), Target: 0.0, Weight: 0.5 / outOfScope.Count)))
            .ToList();

        // Against weights without bound where the two sides do not overlap; of thousands of texts the regression needs less of it.
        var ridge = Math.Min(MaxRidge, RidgeOfOne / rows.Count);
        double[] weights = [0, 0, 0];
        for (var step = 0; step < Steps; step++)
        {
            double[] gradient = [0, ridge * weights[1], ridge * weights[2]];
            var hessian = new double[3, 3] { { 1e-9, 0, 0 }, { 0, ridge, 0 }, { 0, 0, ridge } };
            foreach (var ((far, unsure), target, weight) in rows)
            {
                double[] x = [1, hasDistance ? Math.Clamp(far, -20, 20) : 0, hasConfidence ? Math.Clamp(unsure, -20, 20) : 0];
                var p = 1 / (1 + Math.Exp(-((weights[0] * x[0]) + (weights[1] * x[1]) + (weights[2] * x[2]))));
                for (var i = 0; i < 3; i++)
                {
                    gradient[i] += weight * (p - target) * x[i];
                    for (var k = 0; k < 3; k++) hessian[i, k] += weight * Math.Max(p * (1 - p), 1e-6) * x[i] * x[k];
                }
            }

            var change = Solve(hessian, gradient);
            for (var i = 0; i < 3; i++) weights[i] -= change[i];
            if (change.Max(Math.Abs) < 1e-10) break;
        }

        return (weights[0], weights[1], weights[2]);
    }

    private static double[] Solve(double[,] matrix, double[] right)
    {
        var b = (double[])right.Clone();
        for (var pivot = 0; pivot < 3; pivot++)
        {
            for (var row = pivot + 1; row < 3; row++)
            {
                var factor = matrix[row, pivot] / matrix[pivot, pivot];
                for (var k = pivot; k < 3; k++) matrix[row, k] -= factor * matrix[pivot, k];
                b[row] -= factor * b[pivot];
            }
        }

        for (var row = 2; row >= 0; row--)
        {
            for (var k = row + 1; k < 3; k++) b[row] -= matrix[row, k] * b[k];
            b[row] /= matrix[row, row];
        }

        return b;
    }

    private static (double, double) Moments(IEnumerable<double> values)
    {
        var list = values.ToList();
        var mean = list.Average();
        var variance = list.Sum(value => (value - mean) * (value - mean)) / (list.Count - 1);
        return (mean, Math.Max(MinDeviation, Math.Sqrt(variance)));
    }

    private static double Log(double distance) => Math.Log(Math.Max(distance, 1e-12));

    private static double Odds(double confidence)
    {
        var p = Math.Clamp(confidence, LeastOdds, 1 - LeastOdds);
        return Math.Log(p / (1 - p));
    }

    // Of the standard normal distribution; the complementary error function by Numerical Recipes' Chebyshev fit, to 1.2e-7 of its value.
    private static double UpperTail(double deviations)
    {
        var z = Math.Abs(deviations) / Math.Sqrt(2);
        var t = 1 / (1 + (0.5 * z));
        double[] terms =
        [
            0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368, -1.26551223,
        ];
        var sum = 0.0;
        foreach (var term in terms) sum = (sum * t) + term;
        var complement = t * Math.Exp((-z * z) + sum) / 2;
        return deviations >= 0 ? complement : 1 - complement;
    }
}
