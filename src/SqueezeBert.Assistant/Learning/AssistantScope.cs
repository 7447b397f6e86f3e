using SqueezeBert.Assistant.Analysis;
using SqueezeBert.Assistant.Learning;
using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Assistant;

/// <summary>
/// Teaches a model that is trained already which texts are in scope, and measures how well an assistant knows it.
/// <see cref="AssistantTrainer"/> does the same while it trains.
/// </summary>
public static class AssistantScope
{
    /// <summary>The share of texts in scope that may be refused, where nothing else is said.</summary>
    public const double DefaultFalseRefusals = 0.05;

    /// <summary>The fewest different texts of each side that <see cref="Fit"/> takes.</summary>
    public const int MinTexts = ScopeCalibration.MinTexts * ScopeFolds.Count;

    /// <summary>
    /// Learns from examples which texts are in scope, and writes it into the folder of the model: the means and the covariance of the
    /// intents (assistant.safetensors), and a logistic regression of the confidence and the distance (assistant.json).
    /// </summary>
    /// <param name="folder">The folder of the model. Its other files stay as they are.</param>
    /// <param name="inScope">Texts in scope and their intents.</param>
    /// <param name="outOfScope">Texts that are none of the intents.</param>
    /// <param name="options">The head, the thresholds and how the model computes; null for the defaults.</param>
    /// <param name="falseRefusals">The share of texts in scope that may be refused, in [0, 1), for the report.</param>
    /// <param name="cancellationToken">Looked at between texts; nothing is written then.</param>
    /// <returns>
    /// The figures of five parts of the texts, each measured by what was learnt from the other four. Where the model was trained on the
    /// texts, they are better than those of other texts.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// There are fewer than <see cref="MinTexts"/> different texts on a side, an intent is none of the model's, or all texts of each intent
    /// have the same vector.
    /// </exception>
    /// <exception cref="InvalidModelFileException">A file of the model is missing or damaged.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static AssistantScopeReport Fit(
        string folder, IReadOnlyList<(string Text, string Intent)> inScope, IReadOnlyList<string> outOfScope,
        AssistantOptions? options = null, double falseRefusals = DefaultFalseRefusals, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(inScope);
        ArgumentNullException.ThrowIfNull(outOfScope);
        CheckCount(inScope.Select(text => text.Text), nameof(inScope));
        CheckCount(outOfScope, nameof(outOfScope));
        options ??= new AssistantOptions();
        using var model = InferenceModel.Load(folder, options.Model);
        var roles = ModelRoles.Of(model.Configuration, options.IntentHead, options.SlotHead);
        var inside = ScopeTexts.Read(model, roles, [.. inScope.Select(text => (text.Text, (string?)text.Intent))], cancellationToken);
        var outside = ScopeTexts.Read(model, roles, [.. outOfScope.Select(text => (text, (string?)null))], cancellationToken);
        var folds = ScopeFolds.Measure(inside, outside, cancellationToken);
        var distance = ScopeTexts.Distance(inside, cancellationToken);

        var thresholds = Assistant.ThresholdsOf(
            Assistant.ReadDefinition(model, roles, folder, options), folds.Calibration, options);
        var report = Report(folds.InScope, folds.OutOfScope, thresholds.InScope, falseRefusals);
        distance.Save(Path.Combine(folder, Assistant.DistanceName));
        new AssistantMeasures { Head = roles.Intent, Scope = folds.Calibration, Figures = Figures(folder) }.Save(folder);
        return report;
    }

    /// <summary>Measures how well an assistant tells texts in scope from others. They should be texts that it was not trained on.</summary>
    /// <param name="assistant">The assistant.</param>
    /// <param name="inScope">Texts in scope.</param>
    /// <param name="outOfScope">Texts that are none of its intents.</param>
    /// <param name="falseRefusals">The share of texts in scope that may be refused, in [0, 1).</param>
    /// <param name="cancellationToken">Looked at between texts.</param>
    /// <exception cref="ArgumentException">There is no text on a side.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static AssistantScopeReport Measure(
        Assistant assistant, IReadOnlyList<string> inScope, IReadOnlyList<string> outOfScope, double falseRefusals = DefaultFalseRefusals,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(assistant);
        ArgumentNullException.ThrowIfNull(inScope);
        ArgumentNullException.ThrowIfNull(outOfScope);
        if (inScope.Count == 0) throw new ArgumentException("there is no text in scope", nameof(inScope));
        if (outOfScope.Count == 0) throw new ArgumentException("there is no text out of scope", nameof(outOfScope));
        return Report(Probabilities(inScope), Probabilities(outOfScope), assistant.Thresholds.InScope, falseRefusals);

        double[] Probabilities(IReadOnlyList<string> texts) =>
            [.. texts.Select(text => assistant.Understand(text, cancellationToken).InScope)];
    }

    private static AssistantScopeReport Report(double[] inScope, double[] outOfScope, double threshold, double falseRefusals)
    {
        // The metrics take scores that are higher out of scope.
        double[] inside = [.. inScope.Select(probability => -probability)], outside = [.. outOfScope.Select(probability => -probability)];
        var recall = OutOfScopeMetrics.Recall(inside, outside, falseRefusals, out var highest);
        return new AssistantScopeReport
        {
            InScope = inScope.Length,
            OutOfScope = outOfScope.Length,
            Auroc = OutOfScopeMetrics.Auroc(inside, outside),
            FalseRefusals = falseRefusals,
            Recall = recall,
            RecallThreshold = -highest,
            Threshold = threshold,
            RefusedInScope = (double)inScope.Count(probability => probability < threshold) / inScope.Length,
            RefusedOutOfScope = (double)outOfScope.Count(probability => probability < threshold) / outOfScope.Length,
        };
    }

    // What a training measured stays. A damaged file is what this call is the remedy for.
    private static IReadOnlyDictionary<string, double> Figures(string folder)
    {
        var file = Path.Combine(folder, AssistantMeasures.FileName);
        try
        {
            return File.Exists(file) ? AssistantMeasures.Load(file).Figures : new Dictionary<string, double>();
        }
        catch (InvalidModelFileException)
        {
            return new Dictionary<string, double>();
        }
    }

    // Equal texts are in the same fifth, and teach nothing about each other.
    private static void CheckCount(IEnumerable<string> texts, string name)
    {
        var count = texts.Distinct(StringComparer.Ordinal).Count();
        if (count >= MinTexts) return;
        throw new ArgumentException(
            FormattableString.Invariant(
                $"there are {count} different texts {ScopeTexts.SideOf(name)} scope; {MinTexts} are needed: add others"), name);
    }
}
