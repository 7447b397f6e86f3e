namespace SqueezeBert.Evaluation;

/// <summary>How the figures of several classes are averaged.</summary>
public enum Averaging
{
    /// <summary>The mean over all classes that occur among labels or predictions.</summary>
    Macro,

    /// <summary>Computed from the counts of all classes together. With one label per example, it equals the accuracy.</summary>
    Micro,

    /// <summary>The mean over all classes, weighted by how often each class is the label.</summary>
    Weighted,
}

/// <summary>The precision, recall and F1 of one class, each 0 to 1, and 0 if undefined.</summary>
/// <param name="Precision">The number of right predictions of the class, divided by the number of its predictions.</param>
/// <param name="Recall">The number of right predictions of the class, divided by the number of its labels.</param>
/// <param name="F1">The harmonic mean of precision and recall.</param>
/// <param name="Support">The number of examples whose label is the class.</param>
/// <param name="Predicted">The number of examples whose prediction is the class.</param>
public readonly record struct ClassScores(double Precision, double Recall, double F1, long Support, long Predicted);

/// <summary>The counts of each label and prediction, and the figures that follow from them. Not thread-safe while counting.</summary>
public sealed class ConfusionMatrix
{
    private readonly long[,] _counts;

    /// <summary>Creates an empty matrix.</summary>
    /// <param name="classCount">The number of classes, 1 or more.</param>
    public ConfusionMatrix(int classCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 1);
        _counts = new long[classCount, classCount];
    }

    /// <summary>The number of classes.</summary>
    public int ClassCount => _counts.GetLength(0);

    /// <summary>The number of examples that were counted.</summary>
    public long Count { get; private set; }

    /// <summary>The share of right predictions, 0 to 1. It is 0 without examples.</summary>
    public double Accuracy => Count == 0 ? 0 : (double)Correct / Count;

    /// <summary>
    /// The Matthews correlation for any number of classes (Gorodkin 2004, R_K), -1 to 1. It is 0 if the denominator is 0, as in
    /// scikit-learn.
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

    /// <summary>The number of examples of class <paramref name="label"/> that were predicted as <paramref name="prediction"/>.</summary>
    /// <param name="label">The true class, from 0.</param>
    /// <param name="prediction">The predicted class, from 0.</param>
    public long this[int label, int prediction] => _counts[label, prediction];

    /// <summary>Counts the examples of two lists of the same length.</summary>
    /// <param name="labels">The true classes.</param>
    /// <param name="predictions">The predicted classes.</param>
    /// <param name="classCount">The number of classes, 1 or more.</param>
    /// <exception cref="ArgumentException">The lists differ in length, or a class is out of range.</exception>
    public static ConfusionMatrix Of(ReadOnlySpan<int> labels, ReadOnlySpan<int> predictions, int classCount)
    {
        if (labels.Length != predictions.Length)
            throw new ArgumentException($"{predictions.Length} predictions for {labels.Length} labels", nameof(predictions));
        var matrix = new ConfusionMatrix(classCount);
        for (var i = 0; i < labels.Length; i++) matrix.Add(labels[i], predictions[i]);
        return matrix;
    }

    /// <summary>Adds an example.</summary>
    /// <param name="label">The true class, from 0.</param>
    /// <param name="prediction">The predicted class, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A class is out of range.</exception>
    public void Add(int label, int prediction)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)label, (uint)ClassCount, nameof(label));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)prediction, (uint)ClassCount, nameof(prediction));
        _counts[label, prediction]++;
        Count++;
    }

    /// <summary>Returns the precision, recall, F1 and support of a class.</summary>
    /// <param name="index">The class, from 0.</param>
    public ClassScores Scores(int index)
    {
        long right = _counts[index, index], support = Support(index), predicted = Predicted(index);
        return new ClassScores(Ratio(right, predicted), Ratio(right, support), Ratio(2 * right, support + predicted), support, predicted);
    }

    /// <summary>
    /// Returns the F1 of all classes, 0 to 1. Classes that occur neither as label nor as prediction are ignored, as in scikit-learn.
    /// </summary>
    /// <param name="averaging">How the classes are averaged.</param>
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
