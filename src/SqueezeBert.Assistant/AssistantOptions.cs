namespace SqueezeBert.Assistant;

/// <summary>How an assistant is loaded.</summary>
public sealed record AssistantOptions
{
    /// <summary>
    /// The path of a file with the dialogue, lists, answers and thresholds, which replaces the one in the folder (assistant.yml). It may
    /// name the intents and slots that the model knows without giving examples. Null uses the file in the folder, if there is one.
    /// </summary>
    public string? File { get; init; }

    /// <summary>
    /// The name of the head for intents, if the model has several heads for texts. Null uses the head called "intent", or otherwise the
    /// first one.
    /// </summary>
    public string? IntentHead { get; init; }

    /// <summary>The name of the head for slots. Null uses the one that belongs to the head for intents.</summary>
    public string? SlotHead { get; init; }

    /// <summary>The thresholds above which a prediction counts. Null uses those of the file.</summary>
    public AssistantThresholds? Thresholds { get; init; }

    /// <summary>How the model computes. Null uses the defaults.</summary>
    public ModelOptions? Model { get; init; }

    /// <summary>The source of the current time and the time zone, which expressions such as "tomorrow at seven" depend on.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
