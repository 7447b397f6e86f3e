using System.Globalization;
using SqueezeBert.Assistant.Files;
using SqueezeBert.Assistant.Values;

namespace SqueezeBert.Assistant.Testing;

/// <summary>A conversation with what is expected of each turn.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Now">When it begins.</param>
/// <param name="Turns">At least one.</param>
internal sealed record Conversation(string Name, DateTimeOffset Now, IReadOnlyList<ExpectedTurn> Turns);

/// <summary>What a user says, and what is expected; what is null is not looked at.</summary>
/// <param name="Line">Where it stands.</param>
/// <param name="User">What the user says.</param>
/// <param name="After">How long after the turn before, or after the beginning.</param>
internal sealed record ExpectedTurn(int Line, string User, TimeSpan After)
{
    /// <summary>The intent of the request, or of the text where there is no request.</summary>
    public string? Intent { get; init; }

    /// <summary>What the turn comes to.</summary>
    public DialogueEvent? Event { get; init; }

    /// <summary>The slot that is asked for.</summary>
    public string? Asked { get; init; }

    /// <summary>The values of slots; null: the slot has none.</summary>
    public IReadOnlyDictionary<string, string?> Slots { get; init; } = new Dictionary<string, string?>();

    /// <summary>What is replied, word for word.</summary>
    public string? Reply { get; init; }
}

/// <summary>Reads a file of conversations.</summary>
internal static class ConversationReader
{
    private const int MaxTurns = 100_000;

    // Monday morning: a time that no test depends on by accident.
    private static readonly DateTimeOffset DefaultNow = new(2026, 5, 4, 9, 0, 0, TimeSpan.Zero);

    private static readonly IReadOnlyList<string> Events = [.. Enum.GetNames<DialogueEvent>().Select(NameOf)];

    /// <summary>The name of an event in a file: "not_understood".</summary>
    public static string NameOf(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));

    /// <summary>Reads a file.</summary>
    /// <exception cref="AssistantFileException">It cannot be used; the message has file, line, field and remedy.</exception>
    public static IReadOnlyList<Conversation> ReadFile(string path)
    {
        var root = new YamlFields(path, "", YamlReader.ReadFile(path), "now", "conversations");
        var now = ReadTime(root) ?? DefaultNow;
        List<Conversation> conversations = [.. root.List("conversations").Select((node, i) => Read(path, node, i, now))];
        if (conversations.Count == 0) throw root.Missing("conversations");
        if (conversations.Sum(conversation => conversation.Turns.Count) > MaxTurns)
            throw root.Error("conversations", root.Find("conversations")!, $"has more than {MaxTurns} turns");
        return conversations;
    }

    private static Conversation Read(string file, YamlNode node, int number, DateTimeOffset now)
    {
        var path = $"conversations[{number}]";
        var fields = new YamlFields(file, path, node, "name", "now", "turns");
        List<ExpectedTurn> turns = [.. fields.List("turns").Select((turn, i) => ReadTurn(file, $"{path}.turns[{i}]", turn))];
        if (turns.Count == 0) throw fields.Missing("turns");
        return new Conversation(fields.Text("name") ?? path, ReadTime(fields) ?? now, turns);
    }

    private static ExpectedTurn ReadTurn(string file, string path, YamlNode node)
    {
        var fields = new YamlFields(file, path, node, "user", "after", "intent", "event", "asked", "slots", "reply");
        var slots = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, _, value) in fields.Map("slots")?.All ?? [])
        {
            if (value.Text is not { } text) throw fields.Error($"slots.{name}", value, "must be a value, or '~' for none");
            slots[name] = text is "~" or "" or "null" ? null : text;
        }

        return new ExpectedTurn(node.Line, fields.RequiredText("user"), ReadWait(fields))
        {
            Intent = fields.Text("intent"),
            Event = fields.OneOf("event", Events) is { } what ? Enum.GetValues<DialogueEvent>()[Events.ToList().IndexOf(what)] : null,
            Asked = fields.Text("asked"),
            Slots = slots,
            Reply = fields.Text("reply"),
        };
    }

    private static TimeSpan ReadWait(YamlFields fields)
    {
        if (fields.Text("after") is not { } text) return TimeSpan.Zero;
        return ValueReader.Read(text, ValueKind.Duration, default) is { Number: { } seconds and <= 31_622_400 }
            ? TimeSpan.FromSeconds(seconds)
            : throw fields.Error("after", fields.Find("after")!, $"'{text}' is no time such as '10 minutes'");
    }

    private static DateTimeOffset? ReadTime(YamlFields fields)
    {
        if (fields.Text("now") is not { } text) return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
            : throw fields.Error("now", fields.Find("now")!, $"'{text}' is no time such as 2026-05-04T09:00:00Z");
    }
}
