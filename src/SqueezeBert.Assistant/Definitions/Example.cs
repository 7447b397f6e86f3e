namespace SqueezeBert.Assistant.Definitions;

/// <summary>A sentence of an intent.</summary>
/// <param name="Intent">What it asks for.</param>
/// <param name="Text">The sentence, without the marks of its slots.</param>
/// <param name="Spans">Its slots, in the order of the text; they do not overlap.</param>
/// <param name="Line">Where it stands in the file.</param>
internal sealed record Example(string Intent, string Text, IReadOnlyList<SlotSpan> Spans, int Line);

/// <summary>A marked part of a sentence.</summary>
/// <param name="Start">Its first character.</param>
/// <param name="End">Behind its last character.</param>
/// <param name="Entity">What it is.</param>
/// <param name="Role">What part it plays, such as "from" of a city; null: none.</param>
internal sealed record SlotSpan(int Start, int End, string Entity, string? Role)
{
    /// <summary>The name of the slot, which is the kind of its tags too: "city", or "city.from".</summary>
    public string Slot => SlotName(Entity, Role);

    /// <summary>The name of the slot of an entity in a role.</summary>
    public static string SlotName(string entity, string? role) => role is null ? entity : $"{entity}.{role}";
}
