using SqueezeBert.Checkpoints;

namespace SqueezeBert.Assistant.Analysis;

/// <summary>Which heads of a checkpoint tell the intent and the slots.</summary>
/// <param name="Intent">The head of the intents; null: that of the checkpoint's class.</param>
/// <param name="Slots">The head of the slots; null: there is none.</param>
internal sealed record ModelRoles(string? Intent, string? Slots)
{
    /// <summary>
    /// Without names: "intent" and "slots", as training calls them; else two heads "NAME-intent" and "NAME-slots"; else the first of a
    /// kind. Slots "NAME-slots" never go with another intent than their own "NAME-intent".
    /// </summary>
    /// <param name="configuration">The configuration of the model.</param>
    /// <param name="intent">The head of the intents, where it is named.</param>
    /// <param name="slots">The head of the slots, where it is named.</param>
    public static ModelRoles Of(ModelConfiguration configuration, string? intent, string? slots)
    {
        var texts = Names(HeadTask.TextClassification);
        var tokens = Names(HeadTask.TokenClassification);
        intent ??= Find(texts, "intent") ?? texts.FirstOrDefault();
        var prefix = intent is not null && intent.EndsWith("-intent", StringComparison.Ordinal) ? intent[..^"intent".Length] : "";
        var others = tokens.FindAll(name => !name.EndsWith("-slots", StringComparison.Ordinal)
            || name == $"{prefix}slots" || !texts.Contains($"{name[..^"slots".Length]}intent"));
        slots ??= Find(others, $"{prefix}slots") ?? (prefix.Length > 0 ? null : Find(others, "slots") ?? others.FirstOrDefault());
        return new ModelRoles(intent, slots);

        List<string> Names(HeadTask task) => [.. configuration.NamedHeads.Where(head => head.Task == task).Select(head => head.Name)];

        static string? Find(List<string> names, string name) => names.Contains(name) ? name
            : names.Find(one => one.EndsWith($"-{name}", StringComparison.Ordinal));
    }
}
