namespace SqueezeBert.Assistant;

/// <summary>What a turn of a dialogue came to.</summary>
public enum DialogueEvent
{
    /// <summary>A slot is asked for.</summary>
    Asked,

    /// <summary>The request is complete but for a yes.</summary>
    Confirming,

    /// <summary>The request is complete: the host does it now.</summary>
    Completed,

    /// <summary>The request was taken back.</summary>
    Cancelled,

    /// <summary>A question of the list was answered.</summary>
    Answered,

    /// <summary>Two intents are offered to choose from.</summary>
    Choosing,

    /// <summary>It was not understood.</summary>
    NotUnderstood,

    /// <summary>It is nothing that the assistant is for.</summary>
    OutOfScope,
}

/// <summary>An assistant's turn in a dialogue.</summary>
public sealed record DialogueTurn
{
    /// <summary>What to keep for the next turn.</summary>
    public required DialogueState State { get; init; }

    /// <summary>What to say.</summary>
    public required string Reply { get; init; }

    /// <summary>What it came to.</summary>
    public required DialogueEvent Event { get; init; }

    /// <summary>The request that this turn is about; null: none.</summary>
    public string? Intent { get; init; }

    /// <summary>The values of the request, also of one that is complete.</summary>
    public required IReadOnlyDictionary<string, DialogueSlot> Slots { get; init; }

    /// <summary>What the model made of the text; null where it was not asked, as of "yes" to a question.</summary>
    public Understanding? Understanding { get; init; }

    /// <summary>Whether the dialogue had waited too long, so that an open request was dropped before this turn.</summary>
    public bool IsTimedOut { get; init; }
}
