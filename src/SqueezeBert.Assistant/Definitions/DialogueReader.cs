using SqueezeBert.Assistant.Files;
using SqueezeBert.Assistant.Values;
using SqueezeBert.Files;

namespace SqueezeBert.Assistant.Definitions;

/// <summary>Reads the dialogue of an assistant's file.</summary>
/// <param name="file">The name in messages.</param>
/// <param name="intents">The intents that there are.</param>
/// <param name="slots">The slots that there are.</param>
internal sealed class DialogueReader(string file, IReadOnlyList<string> intents, IReadOnlyList<string> slots)
{
    private const int MaxCarry = 1_000;

    /// <summary>Reads it; without one, the defaults.</summary>
    /// <exception cref="AssistantFileException">It names what there is not, or asks in vain.</exception>
    public DialogueDefinition Read(YamlFields root)
    {
        var defaults = new DialogueDefinition();
        if (root.Map("dialogue", "timeout", "attempts", "intents", "replies", "words") is not { } fields) return defaults;
        var own = new Dictionary<string, IntentDialogue>(StringComparer.Ordinal);
        foreach (var (name, line, value) in fields.Map("intents")?.All ?? [])
        {
            if (!intents.Contains(name, StringComparer.Ordinal))
            {
                var known = intents.Count == 0 ? "there are none in 'nlu'" : $"those are {NearestNames.List(name, intents)}";
                throw new AssistantFileException(file, line, $"dialogue.intents.{name}", $"is no intent: {known}");
            }

            own.Add(name, ReadIntent(name, value));
        }

        return new DialogueDefinition
        {
            Timeout = ReadTimeout(fields) ?? defaults.Timeout,
            Attempts = fields.Whole("attempts", 1, 100) ?? defaults.Attempts,
            Intents = own,
            Replies = ReadReplies(fields),
            Words = ReadWords(fields),
        };
    }

    private static TimeSpan? ReadTimeout(YamlFields fields)
    {
        if (fields.Text("timeout") is not { } text) return null;
        return ValueReader.Read(text, ValueKind.Duration, default) is { Number: > 0 and <= 31_622_400 and var seconds }
            ? TimeSpan.FromSeconds(seconds)
            : throw fields.Error("timeout", fields.Find("timeout")!, $"'{text}' is no time such as '30 minutes', at most 366 days");
    }

    private IntentDialogue ReadIntent(string name, YamlNode node)
    {
        var path = $"dialogue.intents.{name}";
        var fields = new YamlFields(file, path, node, "title", "slots", "confirm", "answer");
        var rules = fields.List("slots").Select((slot, i) => ReadSlot($"{path}.slots[{i}]", slot)).ToList();
        if (rules.GroupBy(rule => rule.Slot).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw fields.Error("slots", fields.Find("slots")!, $"has '{twice.Key}' twice");
        return new IntentDialogue
        {
            Title = fields.Text("title"),
            Slots = rules,
            Confirm = Template(fields, "confirm", slots),
            Answer = Template(fields, "answer", slots),
        };
    }

    private SlotRule ReadSlot(string path, YamlNode node)
    {
        var fields = new YamlFields(file, path, node, "slot", "prompt", "required", "carry");
        var slot = fields.RequiredText("slot");
        if (!slots.Contains(slot, StringComparer.Ordinal))
        {
            var known = slots.Count == 0 ? "no example marks one" : $"those are {NearestNames.List(slot, slots)}";
            throw fields.Error("slot", fields.Find("slot")!, $"'{slot}' is no slot: {known}");
        }

        var isRequired = fields.Flag("required") ?? true;
        var prompt = fields.Text("prompt");
        if (isRequired && prompt is null) throw new AssistantFileException(
            file, node.Line, $"{path}.prompt", "is missing: what is asked for a slot that is required (or 'required: false')");
        return new SlotRule(slot, prompt, isRequired, fields.Whole("carry", 0, MaxCarry) ?? 0);
    }

    private static DialogueReplies ReadReplies(YamlFields dialogue)
    {
        var defaults = new DialogueReplies();
        string[] names =
            ["unknown", "ambiguous", "not_understood", "retry", "given_up", "cancelled", "nothing_to_cancel", "nothing_asked",
                "change"];
        if (dialogue.Map("replies", names) is not { } fields) return defaults;
        return new DialogueReplies
        {
            Unknown = Template(fields, "unknown", []) ?? defaults.Unknown,
            Ambiguous = Template(fields, "ambiguous", ["first", "second"]) ?? defaults.Ambiguous,
            NotUnderstood = Template(fields, "not_understood", []) ?? defaults.NotUnderstood,
            Retry = Template(fields, "retry", ["prompt"]) ?? defaults.Retry,
            GivenUp = Template(fields, "given_up", []) ?? defaults.GivenUp,
            Cancelled = Template(fields, "cancelled", []) ?? defaults.Cancelled,
            NothingToCancel = Template(fields, "nothing_to_cancel", []) ?? defaults.NothingToCancel,
            NothingAsked = Template(fields, "nothing_asked", []) ?? defaults.NothingAsked,
            Change = Template(fields, "change", []) ?? defaults.Change,
        };
    }

    private static DialogueWords ReadWords(YamlFields dialogue)
    {
        var defaults = new DialogueWords();
        if (dialogue.Map("words", "yes", "no", "cancel", "correction") is not { } fields) return defaults;
        return new DialogueWords
        {
            Yes = Words("yes") ?? defaults.Yes,
            No = Words("no") ?? defaults.No,
            Cancel = Words("cancel") ?? defaults.Cancel,
            Correction = Words("correction") ?? defaults.Correction,
        };

        IReadOnlyList<string>? Words(string name) =>
            fields.Texts(name) is { Count: > 0 } words ? [.. words.Select(DefinitionReader.Key)] : null;
    }

    /// <summary>A sentence whose names in braces are known.</summary>
    private static string? Template(YamlFields fields, string name, IReadOnlyList<string> known)
    {
        if (fields.Text(name) is not { } text) return null;
        foreach (var placeholder in ReplyTemplate.Names(text))
        {
            if (known.Contains(placeholder, StringComparer.Ordinal)) continue;
            var remedy = known.Count == 0 ? "this sentence has no names in braces" : $"those are {NearestNames.List(placeholder, known)}";
            throw fields.Error(name, fields.Find(name)!, $"'{{{placeholder}}}' is not known here: {remedy}");
        }

        return text;
    }
}
