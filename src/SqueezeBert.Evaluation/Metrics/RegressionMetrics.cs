namespace SqueezeBert.Evaluation;

/// <summary>Figures for predicted numbers. The lists must have the same length and are not changed.</summary>
public static class RegressionMetrics
{
    /// <summary>Returns the mean of the squared differences, or NaN for empty lists.</summary>
    /// <param name="labels">The true values.</param>
    /// <param name="predictions">The predicted values.</param>
    public static double MeanSquaredError(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        Check(labels, predictions);
        double sum = 0;
        for (var i = 0; i < labels.Length; i++) sum += (labels[i] - predictions[i]) * (labels[i] - predictions[i]);
        return sum / labels.Length;
    }

    /// <summary>
    /// Returns Pearson's correlation, -1 to 1. It is NaN if it is undefined: for fewer than two examples, or if a list is constant (as in
    /// SciPy).
    /// </summary>
    /// <param name="labels">The true values.</param>
    /// <param name="predictions">The predicted values.</param>
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
    /// Returns Spearman's correlation, which is Pearson's correlation of the ranks. Equal values share the mean of their ranks. It is NaN
    /// if it is undefined or a value is NaN.
    /// </summary>
    /// <param name="labels">The true values.</param>
    /// <param name="predictions">The predicted values.</param>
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
