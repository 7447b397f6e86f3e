namespace SqueezeBert.Assistant;

/// <summary>From where on an answer counts: the rule by which an assistant says that it did not understand.</summary>
public sealed record AssistantThresholds
{
    /// <summary>The probability of the intent; below it the assistant asks which of two was meant.</summary>
    public double Intent { get; init; } = 0.5;

    /// <summary>How far the intent must be before the next.</summary>
    public double Margin { get; init; } = 0.15;

    /// <summary>
    /// How well a text must fit the intents (<see cref="Understanding.InScope"/>); below it the assistant says that it cannot help. Where
    /// neither the file nor the options say anything, it is 0.5 for an assistant that has learnt from texts out of scope.
    /// </summary>
    public double InScope { get; init; } = 0.05;

    /// <summary>The confidence of a slot; one below it is left out.</summary>
    public double Slot { get; init; } = 0.4;

    /// <summary>The similarity of a question to one of the list, -1 to 1.</summary>
    public double Question { get; init; } = 0.7;
}
