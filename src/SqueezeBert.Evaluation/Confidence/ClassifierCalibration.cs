using System.Globalization;
using System.Text.Json;
using SqueezeBert.Checkpoints;
using SqueezeBert.Pipelines.Classifying;

namespace SqueezeBert.Evaluation;

/// <summary>What a temperature does to a classifier's scores.</summary>
/// <param name="Examples">Texts that it was fitted on.</param>
/// <param name="Temperature">What the logits are to be divided by, in addition to what the model's configuration says.</param>
/// <param name="Error">Expected calibration error as the model is; in [0, 1].</param>
/// <param name="CalibratedError">
/// The same with a temperature: that of each half of the examples was fitted on the other half, so that no text judges itself.
/// </param>
/// <param name="Loss">Mean of -log of the labels' scores as the model is.</param>
/// <param name="CalibratedLoss">The same with the temperatures of the halves.</param>
public sealed record CalibrationResult(
    int Examples, double Temperature, double Error, double CalibratedError, double Loss, double CalibratedLoss)
{
    /// <summary>Writes one object: examples, temperature, ece, ece_calibrated, loss, loss_calibrated.</summary>
    public void WriteJson(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteNumber("examples", Examples);
        foreach (var (name, value) in Figures()) writer.WriteNumber(name, value);
        writer.WriteEndObject();
    }

    /// <summary>Writes the figures as plain text, errors in percent.</summary>
    public void WriteText(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(string.Create(CultureInfo.InvariantCulture,
            $"temperature {Temperature:F4}\nece {100 * Error:F2}, calibrated {100 * CalibratedError:F2}\n" +
                $"loss {Loss:F4}, calibrated {CalibratedLoss:F4}\n"));
    }

    private IEnumerable<(string Name, double Value)> Figures() =>
    [
        ("temperature", Temperature), ("ece", Error), ("ece_calibrated", CalibratedError), ("loss", Loss),
        ("loss_calibrated", CalibratedLoss),
    ];
}

/// <summary>Fits the temperature of a classifier that gives a text one label of several.</summary>
public static class ClassifierCalibration
{
    /// <summary>Fits it to answers.</summary>
    /// <param name="answers">What the classifier said of texts that it was not trained on, each read in one window.</param>
    /// <param name="labels">The class of each text.</param>
    /// <param name="names">The classifier's labels.</param>
    /// <exception cref="ArgumentException">There are fewer than two answers, or not as many labels.</exception>
    public static CalibrationResult Fit(IReadOnlyList<Classification> answers, IReadOnlyList<int> labels, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(answers);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(names);
        if (answers.Count < 2) throw new ArgumentException("a temperature needs two texts at least", nameof(answers));
        if (answers.Count != labels.Count) throw new ArgumentException($"{labels.Count} labels for {answers.Count} texts", nameof(labels));
        var ids = names.Select((name, id) => (name, id)).ToDictionary(label => label.name, label => label.id, StringComparer.Ordinal);
        var logits = answers.Select(answer =>
        {
            var scores = new float[names.Count];
            foreach (var (label, score) in answer.Labels) scores[ids[label]] = score;
            ClassificationScores.ToLogits(scores, ProblemType.SingleLabelClassification);
            return scores;
        }).ToList();

        double[] temperatures = [Fit(1), Fit(0)];
        var (before, after, right) = (new double[labels.Count], new double[labels.Count], new bool[labels.Count]);
        var loss = 0.0;
        for (var i = 0; i < labels.Count; i++)
        {
            var best = logits[i].Max();
            var temperature = temperatures[i % 2];
            right[i] = Array.IndexOf(logits[i], best) == labels[i];
            before[i] = 1 / logits[i].Sum(logit => Math.Exp(logit - best));
            after[i] = 1 / logits[i].Sum(logit => Math.Exp((logit - best) / temperature));
            loss += TemperatureScaling.Loss([logits[i]], [labels[i]], temperature);
        }

        return new CalibrationResult(
            labels.Count, TemperatureScaling.Fit(logits, labels), CalibrationMetrics.ExpectedError(before, right),
            CalibrationMetrics.ExpectedError(after, right), TemperatureScaling.Loss(logits, labels, 1), loss / labels.Count);

        double Fit(int half) => TemperatureScaling.Fit(
            [.. logits.Where((_, i) => i % 2 == half)], [.. labels.Where((_, i) => i % 2 == half)]);
    }
}
