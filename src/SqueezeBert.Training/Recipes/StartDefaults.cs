using System.Globalization;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Training.Recipes;

/// <summary>
/// What a training on a user's own files does where nothing is said, by where it starts. docs/training.md gives the figures behind it.
/// </summary>
/// <param name="LearningRate">Peak.</param>
/// <param name="ExamplesToSee">Rows times epochs, as long as the epochs are in their range.</param>
/// <param name="MinEpochs">However many rows.</param>
/// <param name="MaxEpochs">However few rows.</param>
internal sealed record StartDefaults(double LearningRate, double ExamplesToSee, int MinEpochs, int MaxEpochs)
{
    private const double UsualRate = 5e-5;
    private const double HighestRate = 5e-4;

    // The deepest model that is tuned like the small ones that ship.
    private const int ShallowLayers = 4;

    // Encoders of published models as narrow as this are tuned at the rate of wide ones.
    private const int UsualWidth = 384;

    /// <summary>From random weights: everything is to be learnt.</summary>
    public static StartDefaults Fresh { get; } = new(HighestRate, 60_000, 3, 20);

    /// <summary>
    /// From a saved model. A shallow one, as those that ship, learns a task with many labels only at high rates and in many passes. A deep
    /// one that was trained on much text is spoilt by them.
    /// </summary>
    public static StartDefaults For(ModelConfiguration start) =>
        start.LayerCount <= ShallowLayers ? Fresh with { LearningRate = Rounded(UsualRate * Square(768.0 / start.HiddenSize)) }
            : new(Rounded(UsualRate * Math.Max(1, Square((double)UsualWidth / start.HiddenSize))), 40_000, 2, 10);

    /// <summary>The passes over so many rows.</summary>
    public double Epochs(long rows) => Math.Clamp(Math.Ceiling(ExamplesToSee / Math.Max(1, rows)), MinEpochs, MaxEpochs);

    private static double Square(double value) => value * value;

    private static double Rounded(double rate) => double.Parse(
        Math.Min(HighestRate, rate).ToString("E1", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
