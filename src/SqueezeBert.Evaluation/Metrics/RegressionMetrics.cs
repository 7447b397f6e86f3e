namespace SqueezeBert.Evaluation;

/// <summary>Figures of predicted numbers. Lists must be equally long; nothing is changed.</summary>
public static class RegressionMetrics
{
    /// <summary>Mean of the squared differences; NaN for empty lists.</summary>
    public static double MeanSquaredError(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        Check(labels, predictions);
        double sum = 0;
        for (var i = 0; i < labels.Length; i++) sum += (labels[i] - predictions[i]) * (labels[i] - predictions[i]);
        return sum / labels.Length;
    }

    /// <summary>
    /// Pearson's correlation, in [-1, 1]; NaN where it is undefined: fewer than two examples, or either list constant (as in SciPy).
    /// </summary>
    public static double Pearson(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        Check(labels, predictions);
        if (labels.Length < 2) return double.NaN;
        double meanLabel = Mean(labels), meanPrediction = Mean(predictions);
        double product = 0, labelSquares = 0, predictionSquares = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            double label = labels[i] - meanLabel, prediction = predictions[i] - meanPrediction;
            product += label * prediction;
            labelSquares += label * label;
            predictionSquares += prediction * prediction;
        }

        if (labelSquares == 0 || predictionSquares == 0) return double.NaN;
        return Math.Clamp(product / (Math.Sqrt(labelSquares) * Math.Sqrt(predictionSquares)), -1, 1);
    }

    /// <summary>
    /// Spearman's correlation: Pearson's of the ranks, equal values sharing the mean of their ranks; NaN where that is undefined or a value
    /// is NaN.
    /// </summary>
    public static double Spearman(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        Check(labels, predictions);
        return Pearson(Ranks(labels), Ranks(predictions));
    }

    private static double[] Ranks(ReadOnlySpan<double> values)
    {
        var ranks = new double[values.Length];
        var sorted = values.ToArray();
        var order = new int[values.Length];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        Array.Sort(sorted, order);
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            end = start + 1;
            while (end < sorted.Length && sorted[end] == sorted[start]) end++;
            var rank = double.IsNaN(sorted[start]) ? double.NaN : (start + end + 1) / 2.0;
            for (var i = start; i < end; i++) ranks[order[i]] = rank;
        }

        return ranks;
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (var value in values) sum += value;
        return sum / values.Length;
    }

    private static void Check(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        if (labels.Length != predictions.Length)
            throw new ArgumentException($"{predictions.Length} predictions for {labels.Length} labels", nameof(predictions));
    }
}
