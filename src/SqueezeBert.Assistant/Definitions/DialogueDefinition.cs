namespace SqueezeBert.Assistant.Definitions;

/// <summary>What an assistant asks and says.</summary>
internal sealed record DialogueDefinition
{
    /// <summary>How long a dialogue waits for its next turn.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How often a slot is asked for before the dialogue gives up.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>What is said of each intent.</summary>
    public IReadOnlyDictionary<string, IntentDialogue> Intents { get; init; } = new Dictionary<string, IntentDialogue>();

    /// <summary>Sentences that are the same for all intents.</summary>
    public DialogueReplies Replies { get; init; } = new();

    /// <summary>What the user says about the dialogue itself.</summary>
    public DialogueWords Words { get; init; } = new();
}

/// <summary>What is asked and said of one intent.</summary>
internal sealed record IntentDialogue
{
    /// <summary>What the intent is called in a question; null: its name with spaces.</summary>
    public string? Title { get; init; }

    /// <summary>Its slots, in the order in which they are asked for.</summary>
    public IReadOnlyList<SlotRule> Slots { get; init; } = [];

    /// <summary>What is asked before it is done; null: nothing.</summary>
    public string? Confirm { get; init; }

    /// <summary>What is said when it is done; null: the intent and its slots.</summary>
    public string? Answer { get; init; }
}

/// <summary>A slot of an intent.</summary>
/// <param name="Slot">Its name.</param>
/// <param name="Prompt">What is asked where it is required and not known; null of an optional one.</param>
/// <param name="IsRequired">Whether the intent needs it.</param>
/// <param name="Carry">For how many turns a value of an earlier intent may be taken over.</param>
internal sealed record SlotRule(string Slot, string? Prompt, bool IsRequired, int Carry);

/// <summary>Sentences that are the same for all intents.</summary>
internal sealed record DialogueReplies
{
    public string Unknown { get; init; } = "Sorry, I cannot help with that.";

    public string Ambiguous { get; init; } = "I did not understand. Did you mean {first} or {second}?";

    public string NotUnderstood { get; init; } = "I did not understand. Please say it in other words.";

    public string Retry { get; init; } = "I did not understand that. {prompt}";

    public string GivenUp { get; init; } = "I still do not understand, so I stop here.";

    public string Cancelled { get; init; } = "All right, cancelled.";

    public string NothingToCancel { get; init; } = "There is nothing to cancel.";

    public string NothingAsked { get; init; } = "I have not asked you anything. What can I do for you?";

    public string Change { get; init; } = "What should I change?";
}

/// <summary>What the user says about the dialogue itself, in lower case and without punctuation.</summary>
internal sealed record DialogueWords
{
    public IReadOnlyList<string> Yes { get; init; } =
    [
        "yes", "yes please", "yeah", "yep", "yup", "sure", "ok", "okay", "correct", "right", "that's right", "exactly", "please do",
        "do it",
    ];

    public IReadOnlyList<string> No { get; init; } =
        ["no", "nope", "nah", "no thanks", "no thank you", "wrong", "that's wrong", "not really"];

    public IReadOnlyList<string> Cancel { get; init; } =
        ["cancel", "cancel that", "cancel it", "never mind", "nevermind", "forget it", "forget that", "stop", "abort"];

    /// <summary>What a correction begins with.</summary>
    public IReadOnlyList<string> Correction { get; init; } =
    [
        "no i meant", "no i said", "i meant", "i mean", "i said", "no make it", "make it", "make that", "change it to", "actually",
        "rather", "sorry", "no", "not",
    ];
}
