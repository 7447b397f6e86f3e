namespace SqueezeBert.Evaluation;

/// <summary>
/// Temperature scaling (Guo et al., 2017): all logits are divided by one number, so that the scores of a classifier match how often it is
/// right. It changes no prediction.
/// </summary>
public static class TemperatureScaling
{
    /// <summary>The lowest temperature that is fitted. For a model without errors on the data, the best temperature would be 0.</summary>
    public const double Lowest = 0.01;

    /// <summary>The highest temperature that is fitted.</summary>
    public const double Highest = 100;

    private const int MaxSteps = 200;
    private const double Precision = 1e-12;

    /// <summary>
    /// Fits the temperature, from <see cref="Lowest"/> to <see cref="Highest"/>, that maximizes the likelihood of the labels.
    /// </summary>
    /// <param name="logits">
    /// The logits of texts that the model was not trained on, with the shape [examples][classes]. Logarithms of probabilities can be used
    /// instead.
    /// </param>
    /// <param name="labels">The class of each example.</param>
    /// <exception cref="ArgumentException">There is no example, a label is not a class, or a logit is not finite.</exception>
    public static double Fit(IReadOnlyList<float[]> logits, IReadOnlyList<int> labels)
    {
        Check(logits, labels);

        // In the inverse of the temperature the loss is convex: its slope is bracketed, and Newton's steps stay inside of the bracket.
        double low = 1 / Highest, high = 1 / Lowest, inverse = 1;
        for (var step = 0; step < MaxSteps && high - low > Precision * inverse; step++)
        {
            var (slope, curvature) = Slope(logits, labels, inverse);
            if (slope > 0) high = inverse;
            else low = inverse;
            var next = inverse - (slope / curvature);
            if (!(next > low && next < high)) next = Math.Sqrt(low * high);
            if (Math.Abs(next - inverse) <= Precision * inverse) return 1 / next;
            inverse = next;
        }

        return Math.Clamp(1 / inverse, Lowest, Highest);
    }

    /// <summary>Returns the mean negative log-likelihood of the labels at a temperature.</summary>
    /// <param name="temperature">The temperature that the logits are divided by, above 0.</param>
    /// <param name="logits">The logits, with the shape [examples][classes].</param>
    /// <param name="labels">The class of each example.</param>
    /// <inheritdoc cref="Fit" path="/exception"/>
    public static double Loss(IReadOnlyList<float[]> logits, IReadOnlyList<int> labels, double temperature)
    {
        Check(logits, labels);
        var sum = 0.0;
        for (var i = 0; i < labels.Count; i++)
        {
            double most = logits[i].Max(), total = 0;
            foreach (var logit in logits[i]) total += Math.Exp((logit - most) / temperature);
            sum += Math.Log(total) - ((logits[i][labels[i]] - most) / temperature);
        }

        return sum / labels.Count;
    }

    private static (double Slope, double Curvature) Slope(IReadOnlyList<float[]> logits, IReadOnlyList<int> labels, double inverse)
    {
        double slope = 0, curvature = 0;
        for (var i = 0; i < labels.Count; i++)
        {
            double most = logits[i].Max(), total = 0, mean = 0, square = 0;
            foreach (var logit in logits[i])
            {
                var value = logit - most;
                var weight = Math.Exp(value * inverse);
                total += weight;
                mean += weight * value;
                square += weight * value * value;
            }

            mean /= total;
            slope += mean - (logits[i][labels[i]] - most);
            curvature += (square / total) - (mean * mean);
        }

        return (slope, curvature);
    }

    private static void Check(IReadOnlyList<float[]> logits, IReadOnlyList<int> labels)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count == 0) throw new ArgumentException("there is no example", nameof(labels));
        if (labels.Count != logits.Count) throw new ArgumentException($"{labels.Count} labels for {logits.Count} examples", nameof(labels));
        for (var i = 0; i < labels.Count; i++)
        {
            if ((uint)labels[i] >= (uint)logits[i].Length) throw new ArgumentException($"label {i} is no class", nameof(labels));
            if (!logits[i].All(float.IsFinite)) throw new ArgumentException($"a logit of example {i} is not finite", nameof(logits));
        }
    }
}
