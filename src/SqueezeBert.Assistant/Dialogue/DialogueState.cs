using System.Text.Json;
using System.Text.Json.Serialization;
using SqueezeBert.Assistant.Dialogue;

namespace SqueezeBert.Assistant;

/// <summary>What an assistant waits for.</summary>
public enum DialogueQuestion
{
    /// <summary>Nothing: the next text is a new request.</summary>
    None,

    /// <summary>The value of a slot.</summary>
    Slot,

    /// <summary>Yes or no, or a correction.</summary>
    Confirmation,

    /// <summary>Which of several intents was meant.</summary>
    Choice,
}

/// <summary>A value that a dialogue knows.</summary>
/// <param name="Value">The value.</param>
/// <param name="Text">The words that it was read from.</param>
/// <param name="Turn">The turn in which it was said.</param>
/// <param name="Time">When it was said.</param>
public sealed record DialogueSlot(SlotValue Value, string Text, int Turn, DateTimeOffset Time);

/// <summary>
/// Where a dialogue stands: plain data that a host keeps between the turns, in memory or as JSON. An assistant changes nothing in it, and
/// gives the next one with each reply.
/// </summary>
public sealed record DialogueState
{
    private const int MaxJsonLength = 256 << 10;

    /// <summary>A dialogue in which nothing has been said.</summary>
    public static DialogueState Start { get; } = new();

    /// <summary>Turns so far.</summary>
    public int Turn { get; init; }

    /// <summary>When the last turn was; null before the first.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The request that is not done yet; null: none.</summary>
    public string? Intent { get; init; }

    /// <summary>The values of the request by the name of their slot.</summary>
    public IReadOnlyDictionary<string, DialogueSlot> Slots { get; init; } = new Dictionary<string, DialogueSlot>();

    /// <summary>What was asked last.</summary>
    public DialogueQuestion Question { get; init; }

    /// <summary>The slot that was asked for; null: none.</summary>
    public string? AskedSlot { get; init; }

    /// <summary>How often it was asked for in a row.</summary>
    public int Attempts { get; init; }

    /// <summary>The intents that were offered to choose from.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>What was said when they were offered; its slots belong to the one that is chosen.</summary>
    public string? ChoiceText { get; init; }

    /// <summary>The request that was done last, which a correction opens again; null: none.</summary>
    public string? LastIntent { get; init; }

    /// <summary>The values of earlier requests, by slot, with their age: a slot with 'carry' takes them over.</summary>
    public IReadOnlyDictionary<string, DialogueSlot> Carried { get; init; } = new Dictionary<string, DialogueSlot>();

    /// <summary>The state as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, DialogueJson.Default.DialogueState);

    /// <summary>A state from its JSON.</summary>
    /// <exception cref="FormatException">It is no such JSON, or longer than 256 K characters.</exception>
    public static DialogueState FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (json.Length > MaxJsonLength) throw new FormatException($"the state has more than {MaxJsonLength >> 10} K characters");
        try
        {
            var state = JsonSerializer.Deserialize(json, DialogueJson.Default.DialogueState)
                ?? throw new FormatException("the state is null; begin with DialogueState.Start");
            return state.IsWhole ? state : throw new FormatException("the state has a list or a value that is null");
        }
        catch (JsonException e)
        {
            throw new FormatException($"the state is not valid JSON of a dialogue: {e.Message}", e);
        }
    }

    [JsonIgnore]
    private bool IsWhole => Slots is not null && Choices is not null && Carried is not null && Turn >= 0 && Attempts >= 0
        && Enum.IsDefined(Question) && Choices.All(choice => choice is not null)
        && Slots.Values.Concat(Carried.Values).All(slot => slot is { Text: not null, Value: { Text: not null } value }
            && Enum.IsDefined(value.Kind));
}
