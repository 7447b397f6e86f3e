using SqueezeBert.Assistant.Definitions;
using SqueezeBert.Assistant.Values;

namespace SqueezeBert.Assistant.Analysis;

/// <summary>
/// Converts the words of a slot to its value: by a synonym, otherwise by a value of the entity's list, otherwise by the kind of the entity.
/// Thread-safe.
/// </summary>
internal sealed class SlotNormalizer(AssistantDefinition definition)
{
    /// <summary>The entity of a slot.</summary>
    public EntityDefinition EntityOf(string slot)
    {
        var name = definition.Slots.TryGetValue(slot, out var known) ? known.Entity : slot;
        return definition.Entities.GetValueOrDefault(name) ?? new EntityDefinition(name, ValueKind.Text);
    }

    /// <summary>Returns the value of words that were found in a text, or null if they are not of the slot's kind.</summary>
    public SlotValue? Read(string slot, string words, DateTimeOffset now, SlotValue? before = null)
    {
        var entity = EntityOf(slot);
        var key = DefinitionReader.Key(words);
        var isSynonym = definition.Synonyms.TryGetValue(key, out var value);
        var meant = isSynonym ? value! : words;
        if (entity.Lookup.TryGetValue(DefinitionReader.Key(meant), out var listed)) return SlotValue.OfText(listed);
        return ValueReader.Amend(before, meant, entity.Kind, now) ?? (isSynonym ? SlotValue.OfText(meant) : null);
    }

    /// <summary>
    /// Returns the value of a whole answer to a question for the slot. Null if the words are not such a value, or could be anything.
    /// </summary>
    public SlotValue? ReadAnswer(string slot, string words, DateTimeOffset now, SlotValue? before = null)
    {
        var entity = EntityOf(slot);
        var key = DefinitionReader.Key(words);
        if (definition.Synonyms.ContainsKey(key) || entity.Lookup.ContainsKey(key)) return Read(slot, words, now, before);
        foreach (var pattern in entity.Patterns)
        {
            if (UserPattern.Matches(pattern, words).Any(match => match.Length == words.Length)) return Read(slot, words, now, before);
        }

        return entity.Kind == ValueKind.Text ? null : Read(slot, words, now, before);
    }

    /// <summary>Whether any words can be the slot's value.</summary>
    public bool IsFree(string slot) => EntityOf(slot) is { Kind: ValueKind.Text, Lookup.Count: 0, Patterns.Count: 0 };
}
