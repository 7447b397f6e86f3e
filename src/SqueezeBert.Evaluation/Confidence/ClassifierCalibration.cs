using System.Globalization;
using System.Text.Json;
using SqueezeBert.Checkpoints;
using SqueezeBert.Pipelines.Classifying;

namespace SqueezeBert.Evaluation;

/// <summary>The effect of a temperature on the scores of a classifier.</summary>
/// <param name="Examples">The number of texts that the temperature was fitted on.</param>
/// <param name="Temperature">The number to divide the logits by, in addition to the temperature in the model's configuration.</param>
/// <param name="Error">The expected calibration error of the unchanged model, 0 to 1.</param>
/// <param name="CalibratedError">
/// The expected calibration error with a temperature, 0 to 1. The temperature for each half of the examples was fitted on the other half,
/// so that no text is measured with a temperature that was fitted on it.
/// </param>
/// <param name="Loss">The mean negative log-likelihood of the labels with the unchanged model.</param>
/// <param name="CalibratedLoss">The mean negative log-likelihood of the labels with the temperatures of the halves.</param>
public sealed record CalibrationResult(
    int Examples, double Temperature, double Error, double CalibratedError, double Loss, double CalibratedLoss)
{
    /// <summary>Writes one JSON object: examples, temperature, ece, ece_calibrated, loss, loss_calibrated.</summary>
    /// <param name="writer">The writer that receives the object.</param>
    public void WriteJson(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteNumber("examples", Examples);
        foreach (var (name, value) in Figures()) writer.WriteNumber(name, value);
        writer.WriteEndObject();
    }

    /// <summary>Writes the figures as plain text, with errors in percent.</summary>
    /// <param name="writer">The writer that receives the text.</param>
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

/// <summary>Fits the temperature of a single-label classifier.</summary>
public static class ClassifierCalibration
{
    /// <summary>Fits the temperature to predictions of a classifier.</summary>
    /// <param name="answers">The predictions for texts that the classifier was not trained on. Each text was read in one window.</param>
    /// <param name="labels">The class of each text.</param>
    /// <param name="names">The label names of the classifier.</param>
    /// <exception cref="ArgumentException">There are fewer than two predictions, or the number of labels differs.</exception>
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
