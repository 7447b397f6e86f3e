namespace SqueezeBert.Assistant;

/// <summary>Whether a text was understood.</summary>
public enum UnderstandingOutcome
{
    /// <summary>The intent is clear.</summary>
    Understood,

    /// <summary>It is one of the intents, but two or more are nearly as likely.</summary>
    Ambiguous,

    /// <summary>It is probably none of the intents.</summary>
    OutOfScope,
}

/// <summary>What a text asks for, and how sure that is.</summary>
public sealed record Understanding
{
    /// <summary>The text.</summary>
    public required string Text { get; init; }

    /// <summary>What the thresholds make of the numbers below.</summary>
    public required UnderstandingOutcome Outcome { get; init; }

    /// <summary>The likeliest intent.</summary>
    public required string Intent { get; init; }

    /// <summary>Its probability, 0..1, calibrated where the model has a temperature.</summary>
    public required float Confidence { get; init; }

    /// <summary>How far it is before the next intent, 0..1.</summary>
    public required float Margin { get; init; }

    /// <summary>
    /// How well the text fits the intents at all, 0..1. Of an assistant that was trained with out-of-scope examples, the probability that
    /// it is one of them; without, the share of texts in scope that fit no better. Of a model that was not trained as an assistant, one
    /// less the probability of a label such as "oos", else <see cref="Confidence"/>.
    /// </summary>
    public required double InScope { get; init; }

    /// <summary>The likeliest intents, this one among them, the best first.</summary>
    public required IReadOnlyList<LabelScore> Alternatives { get; init; }

    /// <summary>The slots, in the order of the text.</summary>
    public required IReadOnlyList<SlotMatch> Slots { get; init; }
}
