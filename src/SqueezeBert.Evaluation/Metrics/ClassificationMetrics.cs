namespace SqueezeBert.Evaluation;

/// <summary>Figures for predicted classes, which are numbers from 0. The lists must have the same length.</summary>
public static class ClassificationMetrics
{
    /// <summary>Returns the share of right predictions, 0 to 1. It is 0 for empty lists.</summary>
    /// <param name="labels">The true classes.</param>
    /// <param name="predictions">The predicted classes.</param>
    public static double Accuracy(ReadOnlySpan<int> labels, ReadOnlySpan<int> predictions) => Matrix(labels, predictions).Accuracy;

    /// <summary>
    /// Returns the F1 of one class against all others, 0 to 1. It is 0 if the class occurs neither as label nor as prediction.
    /// </summary>
    /// <param name="labels">The true classes.</param>
    /// <param name="predictions">The predicted classes.</param>
    /// <param name="positive">The class, zero or more.</param>
    public static double F1(ReadOnlySpan<int> labels, ReadOnlySpan<int> predictions, int positive)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(positive);
        var matrix = Matrix(labels, predictions);
        return positive < matrix.ClassCount ? matrix.Scores(positive).F1 : 0;
    }

    /// <summary>Returns the F1 of all classes that occur, 0 to 1.</summary>
    /// <param name="labels">The true classes.</param>
    /// <param name="predictions">The predicted classes.</param>
    /// <param name="averaging">How the classes are averaged.</param>
    public static double F1(ReadOnlySpan<int> labels, ReadOnlySpan<int> predictions, Averaging averaging) =>
        Matrix(labels, predictions).F1(averaging);

    /// <summary>Returns the Matthews correlation for any number of classes, -1 to 1. It is 0 if it is undefined.</summary>
    /// <param name="labels">The true classes.</param>
    /// <param name="predictions">The predicted classes.</param>
    public static double Matthews(ReadOnlySpan<int> labels, ReadOnlySpan<int> predictions) => Matrix(labels, predictions).Matthews;

    private static ConfusionMatrix Matrix(ReadOnlySpan<int> labels, ReadOnlySpan<int> predictions)
    {
        var classes = 1;
        foreach (var label in labels) classes = Math.Max(classes, label + 1);
        foreach (var prediction in predictions) classes = Math.Max(classes, prediction + 1);
        return ConfusionMatrix.Of(labels, predictions, classes);
    }
}
