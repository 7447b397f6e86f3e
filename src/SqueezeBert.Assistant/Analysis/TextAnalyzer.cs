using SqueezeBert.Assistant.Definitions;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Assistant.Analysis;

/// <summary>Analyzes a text: the intent, its confidence, and the slots with their values. Thread-safe.</summary>
internal sealed class TextAnalyzer : IDisposable
{
    /// <summary>The number of UTF-16 code units of a text that are read.</summary>
    public const int MaxLength = 4_000;

    private const int MaxAlternatives = 5;

    private readonly TextClassifier _intents;
    private readonly SlotTagger? _slots;
    private readonly TextEmbedder? _vectors;
    private readonly ScopeDistance? _distance;
    private readonly ScopeCalibration? _scope;
    private readonly AssistantDefinition _definition;

    /// <param name="model">The model, which is not disposed with this.</param>
    /// <param name="roles">Its heads.</param>
    /// <param name="definition">What the user's file says.</param>
    /// <param name="distance">The distance to the intents; null: none was measured.</param>
    /// <param name="scope">What texts in scope are like; null: none was measured.</param>
    public TextAnalyzer(
        InferenceModel model, ModelRoles roles, AssistantDefinition definition, ScopeDistance? distance, ScopeCalibration? scope)
    {
        _definition = definition;
        Normalizer = new SlotNormalizer(definition);
        _intents = new TextClassifier(model, new TextClassifierOptions { Head = roles.Intent });
        if (roles.Slots is { } slots) _slots = new SlotTagger(new TokenClassifier(model, new TokenClassifierOptions { Head = slots }));
        if (distance is null || scope is null) return;
        (_distance, _scope) = (distance, scope);
        _vectors = Vectors(model);
    }

    /// <summary>Reads the values of slots.</summary>
    public SlotNormalizer Normalizer { get; }

    /// <summary>The intents that the model knows, without those that mean "none".</summary>
    public IReadOnlyList<string> Intents => [.. _intents.Labels.Where(label => !IsOutside(label))];

    /// <summary>The slots that the model knows.</summary>
    public IReadOnlyList<string> Slots => _slots?.Slots ?? [];

    /// <summary>The vectors that distances are measured with: the hidden state of [CLS].</summary>
    public static TextEmbedder Vectors(InferenceModel model) =>
        new(model, new TextEmbedderOptions { Pooling = SentencePooling.Cls, Normalize = false });

    /// <summary>The intents of an answer, without those that mean "none" unless there is no other.</summary>
    public static List<LabelScore> Known(Classification answer)
    {
        var known = answer.Labels.Where(label => !IsOutside(label.Label)).ToList();
        return known.Count == 0 ? [.. answer.Labels] : known;
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="thresholds">From where on an answer counts.</param>
    /// <param name="now">The time that "tomorrow" is seen from.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    public Understanding Read(string text, AssistantThresholds thresholds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (text.Length > MaxLength) text = text[..MaxLength];
        var answer = _intents.Classify(text, cancellationToken: cancellationToken);
        var known = Known(answer);
        var confidence = known[0].Score;
        var margin = known.Count > 1 ? confidence - known[1].Score : confidence;
        var outside = answer.Labels.Where(label => IsOutside(label.Label)).Sum(label => label.Score);
        var inScope = _vectors is null ? (outside > 0 ? 1 - outside : confidence)
            : _scope!.InScope(_distance!.Of(_vectors.Embed(text, cancellationToken: cancellationToken).Vector.Span), confidence);
        var outcome = IsOutside(answer.Label) || inScope < thresholds.InScope ? UnderstandingOutcome.OutOfScope
            : confidence < thresholds.Intent || margin < thresholds.Margin ? UnderstandingOutcome.Ambiguous
            : UnderstandingOutcome.Understood;
        return new Understanding
        {
            Text = text,
            Outcome = outcome,
            Intent = known[0].Label,
            Confidence = confidence,
            Margin = margin,
            InScope = Math.Clamp(inScope, 0, 1),
            Alternatives = [.. known.Take(MaxAlternatives)],
            Slots = FindSlots(text, known[0].Label, thresholds, now, cancellationToken),
        };
    }

    public void Dispose()
    {
        _intents.Dispose();
        _slots?.Dispose();
        _vectors?.Dispose();
    }

    private static bool IsOutside(string label) => AssistantDefinition.OutOfScopeNames.Contains(label, StringComparer.Ordinal);

    private List<SlotMatch> FindSlots(
        string text, string intent, AssistantThresholds thresholds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var found = (_slots?.Find(text, cancellationToken) ?? []).Where(slot => slot.Confidence >= thresholds.Slot)
            .Select(Valued).ToList();
        foreach (var slot in _definition.SlotsOf.GetValueOrDefault(intent)?.Order(StringComparer.Ordinal) ?? Enumerable.Empty<string>())
        {
            var entity = Normalizer.EntityOf(slot);

            // Words alone do not tell the role.
            if (slot != entity.Name) continue;
            foreach (var match in ListFinder.Find(text, slot, entity))
            {
                var others = found.Where(other => other.Start < match.End && match.Start < other.End).ToList();

                // A value of the list is better than words around it, or other words, that the model takes for the same slot.
                if (others.Exists(other => other.Slot != slot || entity.Lookup.ContainsKey(DefinitionReader.Key(other.Text)))) continue;
                found.RemoveAll(others.Contains);
                found.Add(Valued(match));
            }
        }

        return [.. found.OrderBy(slot => slot.Start)];

        SlotMatch Valued(SlotMatch match) => match with { Value = Normalizer.Read(match.Slot, match.Text, now) };
    }
}
