using System.Text.Json;
using System.Text.Json.Serialization;
using SqueezeBert.Assistant.Dialogue;

namespace SqueezeBert.Assistant;

/// <summary>What an assistant is waiting for.</summary>
public enum DialogueQuestion
{
    /// <summary>Nothing. The next text is a new request.</summary>
    None,

    /// <summary>The value of a slot.</summary>
    Slot,

    /// <summary>A confirmation (yes or no) or a correction.</summary>
    Confirmation,

    /// <summary>The choice of one of several intents.</summary>
    Choice,
}

/// <summary>A slot value that a dialogue has stored.</summary>
/// <param name="Value">The value.</param>
/// <param name="Text">The words that the value was read from.</param>
/// <param name="Turn">The turn in which it was mentioned.</param>
/// <param name="Time">The time when it was mentioned.</param>
public sealed record DialogueSlot(SlotValue Value, string Text, int Turn, DateTimeOffset Time);

/// <summary>
/// The state of a dialogue. It is plain data that the host stores between the turns, in memory or as JSON. An assistant never changes a
/// state; each reply contains the next one.
/// </summary>
public sealed record DialogueState
{
    private const int MaxJsonLength = 256 << 10;

    /// <summary>The state at the beginning of a dialogue.</summary>
    public static DialogueState Start { get; } = new();

    /// <summary>The number of turns so far.</summary>
    public int Turn { get; init; }

    /// <summary>The time of the last turn, or null before the first.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The intent of the request that is not complete yet, or null.</summary>
    public string? Intent { get; init; }

    /// <summary>The values of the request, by the name of the slot.</summary>
    public IReadOnlyDictionary<string, DialogueSlot> Slots { get; init; } = new Dictionary<string, DialogueSlot>();

    /// <summary>What the assistant asked last.</summary>
    public DialogueQuestion Question { get; init; }

    /// <summary>The slot that was asked for, or null.</summary>
    public string? AskedSlot { get; init; }

    /// <summary>The number of times in a row that the slot was asked for.</summary>
    public int Attempts { get; init; }

    /// <summary>The intents that were offered as a choice.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>The text of the user before the choice was offered. Its slots belong to the intent that is chosen.</summary>
    public string? ChoiceText { get; init; }

    /// <summary>The intent of the last completed request, which a correction reopens, or null.</summary>
    public string? LastIntent { get; init; }

    /// <summary>The values of earlier requests with their age, by the name of the slot. A slot with 'carry' takes them over.</summary>
    public IReadOnlyDictionary<string, DialogueSlot> Carried { get; init; } = new Dictionary<string, DialogueSlot>();

    /// <summary>Converts the state to JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, DialogueJson.Default.DialogueState);

    /// <summary>Reads a state from JSON.</summary>
    /// <param name="json">The JSON of a state, at most 256 K characters.</param>
    /// <exception cref="FormatException">The text is not the JSON of a state, or it is longer than 256 K characters.</exception>
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
