namespace SqueezeBert.Evaluation;

/// <summary>Figures of predicted classes, given as numbers from 0. Lists must be equally long.</summary>
public static class ClassificationMetrics
{
    /// <summary>Right predictions / examples, in [0, 1]; 0 for empty lists.</summary>
    public static double Accuracy(ReadOnlySpan<int> labels, ReadOnlySpan<int> predictions) => Matrix(labels, predictions).Accuracy;

    /// <summary>F1 of one class against all others, in [0, 1]; 0 where it is neither label nor prediction.</summary>
    public static double F1(ReadOnlySpan<int> labels, ReadOnlySpan<int> predictions, int positive)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(positive);
        var matrix = Matrix(labels, predictions);
        return positive < matrix.ClassCount ? matrix.Scores(positive).F1 : 0;
    }

    /// <summary>F1 of all classes that occur.</summary>
    public static double F1(ReadOnlySpan<int> labels, ReadOnlySpan<int> predictions, Averaging averaging) =>
        Matrix(labels, predictions).F1(averaging);

    /// <summary>Matthews correlation of any number of classes, in [-1, 1]; 0 where it is undefined.</summary>
    public static double Matthews(ReadOnlySpan<int> labels, ReadOnlySpan<int> predictions) => Matrix(labels, predictions).Matthews;

    private static ConfusionMatrix Matrix(ReadOnlySpan<int> labels, ReadOnlySpan<int> predictions)
    {
        var classes = 1;
        foreach (var label in labels) classes = Math.Max(classes, label + 1);
        foreach (var prediction in predictions) classes = Math.Max(classes, prediction + 1);
        return ConfusionMatrix.Of(labels, predictions, classes);
    }
}
