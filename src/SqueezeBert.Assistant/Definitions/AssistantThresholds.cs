namespace SqueezeBert.Assistant;

/// <summary>The thresholds above which a prediction counts. They determine when an assistant says that it has not understood.</summary>
public sealed record AssistantThresholds
{
    /// <summary>The lowest probability of the intent (default 0.5). Below it, the assistant asks which of two intents was meant.</summary>
    public double Intent { get; init; } = 0.5;

    /// <summary>The smallest difference between the probabilities of the intent and the next one (default 0.15).</summary>
    public double Margin { get; init; } = 0.15;

    /// <summary>
    /// The lowest probability that a text has one of the intents at all (<see cref="Understanding.InScope"/>). Below it, the assistant says
    /// that it cannot help. The default is 0.05, and 0.5 for an assistant that has learnt from texts out of scope.
    /// </summary>
    public double InScope { get; init; } = 0.05;

    /// <summary>The lowest confidence of a slot (default 0.4). Slots below it are ignored.</summary>
    public double Slot { get; init; } = 0.4;

    /// <summary>The lowest similarity of a question to one of the list, -1 to 1 (default 0.7).</summary>
    public double Question { get; init; } = 0.7;
}
