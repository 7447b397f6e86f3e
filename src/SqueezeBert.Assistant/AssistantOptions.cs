namespace SqueezeBert.Assistant;

/// <summary>How an assistant is loaded.</summary>
public sealed record AssistantOptions
{
    /// <summary>
    /// The file of its dialogue, lists, answers and thresholds in the place of the one in its folder (assistant.yml); null: that one, or
    /// none. It may speak of the intents and slots that the model knows without examples of them.
    /// </summary>
    public string? File { get; init; }

    /// <summary>The head that tells intents, of a model with several for texts; null: the one that is called so, else the first.</summary>
    public string? IntentHead { get; init; }

    /// <summary>The head that tells slots; null: the one that belongs to the intents'.</summary>
    public string? SlotHead { get; init; }

    /// <summary>From where on an answer counts; null: as the file says.</summary>
    public AssistantThresholds? Thresholds { get; init; }

    /// <summary>How the model computes; null for the defaults.</summary>
    public ModelOptions? Model { get; init; }

    /// <summary>Tells the time, and the time zone of "tomorrow at seven".</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
