namespace SqueezeBert.Assistant;

/// <summary>Whether a text was understood.</summary>
public enum UnderstandingOutcome
{
    /// <summary>The intent is clear.</summary>
    Understood,

    /// <summary>The text has one of the intents, but two or more are almost equally likely.</summary>
    Ambiguous,

    /// <summary>The text probably has none of the intents.</summary>
    OutOfScope,
}

/// <summary>The intent and the slots of a text, with their confidence.</summary>
public sealed record Understanding
{
    /// <summary>The text.</summary>
    public required string Text { get; init; }

    /// <summary>The outcome that follows from the numbers below and the thresholds.</summary>
    public required UnderstandingOutcome Outcome { get; init; }

    /// <summary>The most likely intent.</summary>
    public required string Intent { get; init; }

    /// <summary>The probability of the intent, 0 to 1. It is calibrated if the model has a temperature.</summary>
    public required float Confidence { get; init; }

    /// <summary>The difference between the probabilities of this intent and the next, 0 to 1.</summary>
    public required float Margin { get; init; }

    /// <summary>
    /// How well the text fits the intents at all, 0 to 1. For an assistant that was trained with out-of-scope examples, it is the
    /// probability that the text has one of the intents. For an assistant trained without them, it is the share of in-scope texts that fit
    /// no better. For a model that was not trained as an assistant, it is one minus the probability of a label such as "oos", or
    /// <see cref="Confidence"/> if there is no such label.
    /// </summary>
    public required double InScope { get; init; }

    /// <summary>The most likely intents, including this one, best first.</summary>
    public required IReadOnlyList<LabelScore> Alternatives { get; init; }

    /// <summary>The slots, in the order of the text.</summary>
    public required IReadOnlyList<SlotMatch> Slots { get; init; }
}
