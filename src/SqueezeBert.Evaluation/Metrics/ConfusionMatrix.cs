namespace SqueezeBert.Evaluation;

/// <summary>How per-class figures become one.</summary>
public enum Averaging
{
    /// <summary>The mean over the classes that occur among labels or predictions.</summary>
    Macro,

    /// <summary>From the counts of all classes together; for one label an example this is the accuracy.</summary>
    Micro,

    /// <summary>The mean weighted by how often a class is the label.</summary>
    Weighted,
}

/// <summary>Precision, recall and F1 of one class, each in [0, 1] and 0 where undefined.</summary>
/// <param name="Precision">Right predictions of the class / predictions of it.</param>
/// <param name="Recall">Right predictions of the class / labels of it.</param>
/// <param name="F1">Harmonic mean of the two.</param>
/// <param name="Support">How often the class is the label.</param>
/// <param name="Predicted">How often the class is predicted.</param>
public readonly record struct ClassScores(double Precision, double Recall, double F1, long Support, long Predicted);

/// <summary>Counts of (label, prediction), and the figures that follow from them. Not thread-safe while counting.</summary>
public sealed class ConfusionMatrix
{
    private readonly long[,] _counts;

    /// <summary>Creates an empty matrix.</summary>
    /// <param name="classCount">Classes, at least 1.</param>
    public ConfusionMatrix(int classCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 1);
        _counts = new long[classCount, classCount];
    }

    /// <summary>Classes.</summary>
    public int ClassCount => _counts.GetLength(0);

    /// <summary>Examples counted.</summary>
    public long Count { get; private set; }

    /// <summary>Right predictions / examples, in [0, 1]; 0 without examples.</summary>
    public double Accuracy => Count == 0 ? 0 : (double)Correct / Count;

    /// <summary>
    /// Matthews correlation, in [-1, 1], of any number of classes (Gorodkin 2004, R_K); 0 where the denominator is 0, as in scikit-learn.
    /// </summary>
    public double Matthews
    {
        get
        {
            Int128 products = 0, labels = 0, predictions = 0, total = Count;
            for (var i = 0; i < ClassCount; i++)
            {
                Int128 label = Support(i), predicted = Predicted(i);
                products += label * predicted;
                labels += label * label;
                predictions += predicted * predicted;
            }

            // The root of the product, not the product of the roots: that of a square is exact, so that a perfect prediction gives 1.
            var denominator = Math.Sqrt((double)((total * total) - labels) * (double)((total * total) - predictions));
            return denominator == 0 ? 0 : Math.Clamp((double)((Correct * total) - products) / denominator, -1, 1);
        }
    }

    private long Correct
    {
        get
        {
            long sum = 0;
            for (var i = 0; i < ClassCount; i++) sum += _counts[i, i];
            return sum;
        }
    }

    /// <summary>How often an example of class <paramref name="label"/> was predicted as <paramref name="prediction"/>.</summary>
    public long this[int label, int prediction] => _counts[label, prediction];

    /// <summary>Counts the examples of two equally long lists.</summary>
    public static ConfusionMatrix Of(ReadOnlySpan<int> labels, ReadOnlySpan<int> predictions, int classCount)
    {
        if (labels.Length != predictions.Length)
            throw new ArgumentException($"{predictions.Length} predictions for {labels.Length} labels", nameof(predictions));
        var matrix = new ConfusionMatrix(classCount);
        for (var i = 0; i < labels.Length; i++) matrix.Add(labels[i], predictions[i]);
        return matrix;
    }

    /// <summary>Counts an example.</summary>
    public void Add(int label, int prediction)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)label, (uint)ClassCount, nameof(label));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)prediction, (uint)ClassCount, nameof(prediction));
        _counts[label, prediction]++;
        Count++;
    }

    /// <summary>Precision, recall, F1 and support of a class.</summary>
    public ClassScores Scores(int index)
    {
        long right = _counts[index, index], support = Support(index), predicted = Predicted(index);
        return new ClassScores(Ratio(right, predicted), Ratio(right, support), Ratio(2 * right, support + predicted), support, predicted);
    }

    /// <summary>
    /// F1 of all classes. Classes that are neither label nor prediction of any example take no part, as in scikit-learn.
    /// </summary>
    public double F1(Averaging averaging)
    {
        if (averaging == Averaging.Micro) return Accuracy;
        double sum = 0, weights = 0;
        for (var i = 0; i < ClassCount; i++)
        {
            var scores = Scores(i);
            if (scores.Support + scores.Predicted == 0) continue;
            double weight = averaging == Averaging.Macro ? 1 : scores.Support;
            sum += weight * scores.F1;
            weights += weight;
        }

        return weights == 0 ? 0 : sum / weights;
    }

    private static double Ratio(long numerator, long denominator) => denominator == 0 ? 0 : (double)numerator / denominator;

    private long Support(int index)
    {
        long sum = 0;
        for (var i = 0; i < ClassCount; i++) sum += _counts[index, i];
        return sum;
    }

    private long Predicted(int index)
    {
        long sum = 0;
        for (var i = 0; i < ClassCount; i++) sum += _counts[i, index];
        return sum;
    }
}
