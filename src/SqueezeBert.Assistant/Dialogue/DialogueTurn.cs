namespace SqueezeBert.Assistant;

/// <summary>What happened in a turn of a dialogue.</summary>
public enum DialogueEvent
{
    /// <summary>The assistant asks for a slot.</summary>
    Asked,

    /// <summary>The request has all its slots, and the assistant asks for a confirmation.</summary>
    Confirming,

    /// <summary>The request is complete, and the host carries it out now.</summary>
    Completed,

    /// <summary>The user cancelled the request.</summary>
    Cancelled,

    /// <summary>The assistant answered a question of the list.</summary>
    Answered,

    /// <summary>The assistant offers two intents to choose from.</summary>
    Choosing,

    /// <summary>The text was not understood.</summary>
    NotUnderstood,

    /// <summary>The text asks for something that the assistant does not do.</summary>
    OutOfScope,
}

/// <summary>The reply of an assistant in a dialogue.</summary>
public sealed record DialogueTurn
{
    /// <summary>The state to store for the next turn.</summary>
    public required DialogueState State { get; init; }

    /// <summary>The text to show to the user.</summary>
    public required string Reply { get; init; }

    /// <summary>What happened in this turn.</summary>
    public required DialogueEvent Event { get; init; }

    /// <summary>The intent of the request that this turn is about, or null.</summary>
    public string? Intent { get; init; }

    /// <summary>The values of the request, even if it is complete.</summary>
    public required IReadOnlyDictionary<string, DialogueSlot> Slots { get; init; }

    /// <summary>
    /// The model's analysis of the text. Null if the model was not needed, for example for "yes" as an answer to a question.
    /// </summary>
    public Understanding? Understanding { get; init; }

    /// <summary>Whether the dialogue had paused for too long, so that an open request was dropped before this turn.</summary>
    public bool IsTimedOut { get; init; }
}
